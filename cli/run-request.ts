import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { environmentLayer, misspeltVariables } from '../core/config/environment.js';
import { resolveSpec } from '../core/config/resolve-spec.js';
import type { RunSettings } from '../core/config/run-options.js';
import { Settings } from '../core/config/settings.js';
import type { Spec } from '../core/plugin/spec.js';
import { openSession, type Session, warn } from './engine.js';
import { type Globals, readGlobals } from './globals.js';
import { givenSettings } from './run-options.js';

/** What `run` and `plan` were asked to do. */
export interface RunRequest extends Session {
  readonly spec: Spec;
  readonly globals: Globals;
  /** stdin stays open. */
  readonly interactive: boolean;
  readonly trace: boolean;
  readonly detach: boolean;
  readonly cidFile: string | undefined;
  readonly detachKeys: string | undefined;
}

/** Merges flags, environment and config files into a spec, and makes the engine for it. */
export async function readRunRequest(image: string, command: readonly string[], parsed: Command): Promise<RunRequest> {
  const environment = process.env;
  const globals = readGlobals(parsed, environment);
  for (const { name, meant } of misspeltVariables(environment)) warn(`${name} is no setting; ${meant} is`, globals);
  const session = await openSession(globals);
  const directory = process.cwd();
  const values: RunSettings = givenSettings(parsed);
  const layers = [
    { kind: 'flag' as const, directory, values },
    environmentLayer(environment, directory),
    ...session.config.layers,
  ];
  const { privileged } = session.engine.host;
  const spec = resolveSpec({ image, command, layers }, { privileged, cpus: availableParallelism(), environment });
  const settings = new Settings(layers);
  return {
    ...session,
    spec,
    globals,
    interactive: settings.on('interactive'),
    trace: settings.on('trace'),
    detach: settings.on('detach'),
    cidFile: settings.one('cidfile')?.value,
    detachKeys: settings.one('detachKeys')?.value,
  };
}
