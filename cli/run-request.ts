import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { environmentLayer, misspeltVariables } from '../core/config/environment.js';
import { resolveSpec, type SpecRequest } from '../core/config/resolve-spec.js';
import type { RunSettings } from '../core/config/run-options.js';
import { Settings } from '../core/config/settings.js';
import type { LaunchTrace } from '../core/engine/index.js';
import type { Spec } from '../core/plugin/spec.js';
import { openSession, type Session, warn } from './engine.js';
import { type Globals, readGlobals } from './globals.js';
import { givenSettings } from './run-options.js';
import { readTraceRequest, type TraceRequest } from './trace-request.js';

/** What `run` and `plan` were asked to do. */
export interface RunRequest extends Session {
  readonly spec: Spec;
  readonly globals: Globals;
  /** stdin stays open. */
  readonly interactive: boolean;
  readonly trace: TraceRequest | undefined;
  /** Gets the trace, where one was asked for. */
  readonly onTrace?: (trace: LaunchTrace) => void;
  readonly detach: boolean;
  readonly cidFile: string | undefined;
  readonly detachKeys: string | undefined;
}

/**
 * Merges flags, environment and config files into a spec, and makes the engine for it.
 * @param image or `@NAME`, `@NAME/SERVICE`: an environment of the config files
 */
export async function readRunRequest(image: string, command: readonly string[], parsed: Command): Promise<RunRequest> {
  const environment = process.env;
  const globals = readGlobals(parsed, environment);
  for (const { name, meant } of misspeltVariables(environment)) warn(`${name} is no setting; ${meant} is`, globals);
  const { session, ...request } = image.startsWith('@')
    ? await environmentService(image, command, parsed, globals)
    : await plainImage(image, command, parsed, globals);
  const { privileged } = session.engine.host;
  const spec = await checked(() => resolveSpec(request, { privileged, cpus: availableParallelism(), environment }));
  const settings = new Settings(request.layers);
  const cidFile = settings.one('cidfile');
  return {
    ...session,
    spec,
    globals,
    interactive: settings.on('interactive'),
    trace: readTraceRequest(settings),
    detach: settings.on('detach'),
    cidFile: cidFile && resolve(cidFile.place.directory, cidFile.value),
    detachKeys: settings.one('detachKeys')?.value,
  };
}

interface Asked extends SpecRequest {
  readonly session: Session;
}

async function plainImage(
  image: string,
  command: readonly string[],
  parsed: Command,
  globals: Globals,
): Promise<Asked> {
  const session = await openSession(globals);
  const directory = process.cwd();
  const values: RunSettings = givenSettings(parsed);
  const layers = [
    { kind: 'flag' as const, directory, values },
    environmentLayer(process.env, directory),
    ...session.config.layers,
  ];
  return { session, image, command, layers };
}

/** A command of the caller's stands in for the environment's. */
async function environmentService(
  reference: string,
  command: readonly string[],
  parsed: Command,
  globals: Globals,
): Promise<Asked> {
  const { askedService, environmentRequestOf } = await import('./environment-request.js');
  const { service, config } = await askedService(reference, await environmentRequestOf(parsed));
  const session = await openSession(globals, config);
  const { image, layers, secrets } = service;
  return { session, image, command: command.length > 0 ? command : service.command, layers, secrets };
}

/** An error about a config file names its line, which is looked up only then. */
async function checked(resolveIt: () => Spec): Promise<Spec> {
  try {
    return resolveIt();
  } catch (error) {
    const { withLine } = await import('../core/config/with-line.js');
    throw await withLine(error);
  }
}
