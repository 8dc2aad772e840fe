import type { Engine } from '../engine/index.js';
import { resolveEnvironment, serviceOf } from '../environments/index.js';
import { TsboxError } from '../plugin/error.js';
import type { JsonObject } from '../plugin/launch.js';
import { Box } from './box.js';
import { ContainerHandle } from './container-handle.js';
import { LibraryEnvironment, type ServiceRunner } from './environment.js';
import { caller } from './load-config.js';
import { runOptions } from './run-options.js';
import { type SpecDefaults, specOf } from './spec.js';

/** Makes an engine with further options of drivers. */
export type DeriveEngine = (driverOptions: Readonly<Record<string, JsonObject>>) => Engine;

/** @returns the environment, and an engine of its own where it has options of drivers: the caller closes it */
export async function openEnvironment(
  reference: string,
  defaults: SpecDefaults,
  shared: Engine,
  derive: DeriveEngine | undefined,
): Promise<{ readonly environment: LibraryEnvironment; readonly own?: Engine }> {
  const { config } = defaults;
  if (!config) throw noConfig(reference);
  const [name = '', service] = reference.split('/', 2);
  const directory = process.cwd();
  const request = { config, caller: caller(), environment: process.env, directory };
  const resolved = await resolveEnvironment(name, request);
  const { driverOptions = {} } = resolved;
  const needsOwn = Object.keys(driverOptions).length > 0;
  if (needsOwn && !derive) throw noConfig(reference);
  const own = needsOwn ? derive?.(driverOptions) : undefined;
  const runner = runnerOf(own ?? shared, defaults);
  const environment = new LibraryEnvironment(resolved, serviceOf(resolved, service), runner);
  return { environment, ...(own && { own }) };
}

function runnerOf(engine: Engine, defaults: SpecDefaults): ServiceRunner {
  const removed = { ...defaults, last: { rm: true } };
  return {
    run: async (options, service) =>
      new Box(await engine.run(specOf(options, { ...removed, service }, engine), runOptions(options))),
    plan: (options, service) => engine.plan(specOf(options, { ...removed, service }, engine)),
    create: async (options, service) => {
      const { id } = await engine.create(specOf(options, { ...defaults, service }, engine));
      return new ContainerHandle(engine, id);
    },
    runDetached: async (options, service) => {
      const { id } = await engine.runWatched(specOf(options, { ...defaults, service }, engine));
      return new ContainerHandle(engine, id);
    },
  };
}

function noConfig(reference: string): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot open the environment ${JSON.stringify(reference)}`,
    why: 'the engine was made without a config',
    fix: 'createEngine({ config: await loadConfig() })',
  });
}
