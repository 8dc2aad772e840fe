import type { Command } from 'commander';
import { type LoadedConfig, loadConfig } from '../core/config/load-config.js';
import type { RunSettings } from '../core/config/run-options.js';
import { type EnvironmentRequest, resolveEnvironment, serviceOf } from '../core/environments/index.js';
import type { ResolvedEnvironment, ResolvedService } from '../core/environments/types.js';
import { configRequest } from './engine.js';
import { type Globals, readGlobals } from './globals.js';
import { givenSettings } from './run-options.js';

/** What the config files say, and what of the command line is nearer. */
export async function readEnvironmentRequest(globals: Globals, flags: RunSettings = {}): Promise<EnvironmentRequest> {
  const request = configRequest(globals);
  const { caller, environment, directory } = request;
  const config = await loadConfig(request);
  return {
    config,
    caller,
    environment,
    directory,
    flags: { kind: 'flag', directory, values: flags, state: globals.paths },
  };
}

/** The same from a parsed command that has the options of `run`. */
export function environmentRequestOf(parsed: Command): Promise<EnvironmentRequest> {
  return readEnvironmentRequest(readGlobals(parsed, process.env), givenSettings(parsed));
}

/** A service that was named `@NAME` or `@NAME/SERVICE`. */
export interface AskedService {
  readonly environment: ResolvedEnvironment;
  readonly service: ResolvedService;
  /** With the driver options of the environment. */
  readonly config: LoadedConfig;
}

/** @param reference with its `@` */
export async function askedService(reference: string, request: EnvironmentRequest): Promise<AskedService> {
  const [name = '', service] = splitReference(reference);
  const environment = await resolveEnvironment(name, request);
  return { environment, service: serviceOf(environment, service), config: withDrivers(request.config, environment) };
}

/** `@NAME/SERVICE` without the `@`. */
export function splitReference(reference: string): readonly [name: string, service?: string] {
  const text = reference.replace(/^@/, '');
  const slash = text.indexOf('/');
  return slash < 0 ? [text] : [text.slice(0, slash), text.slice(slash + 1)];
}

/** The config with the driver options of an environment. */
export function withDrivers(config: LoadedConfig, { driverOptions = {} }: ResolvedEnvironment): LoadedConfig {
  const together = { ...config.driverOptions };
  for (const [driver, own] of Object.entries(driverOptions)) together[driver] = { ...together[driver], ...own };
  return { ...config, driverOptions: together };
}
