import type { RunSettings } from './run-options.js';
import { type Layer, Settings } from './settings.js';
import { resolveProcess } from './spec/process.js';

/** Settings of `run` that mean the same for `exec`. */
export const EXEC_KEYS = [
  'detach',
  'detachKeys',
  'env',
  'envFile',
  'interactive',
  'privileged',
  'tty',
  'user',
  'workdir',
] as const satisfies readonly (keyof RunSettings)[];

export type ExecKey = (typeof EXEC_KEYS)[number];
export type ExecSettings = Pick<RunSettings, ExecKey>;

/** What was asked for a command in a container that runs, parsed and checked. */
export interface ExecRequest {
  /** `K=V`. */
  readonly env: readonly string[];
  readonly user?: string;
  readonly workdir?: string;
  readonly tty: boolean;
  readonly privileged: boolean;
  readonly interactive: boolean;
  readonly detach: boolean;
}

/**
 * Config files and variables have no part in it: they are defaults for new containers.
 * @param environment where `-e NAME` copies from
 * @throws TsboxError naming the option, the value and a fix
 */
export function resolveExec(layer: Layer, environment: NodeJS.ProcessEnv): ExecRequest {
  const settings = new Settings([layer]);
  const { env, user, workdir, tty } = resolveProcess(settings, environment);
  return {
    env,
    tty,
    privileged: settings.on('privileged'),
    interactive: settings.on('interactive'),
    detach: settings.on('detach'),
    ...(user !== undefined && { user }),
    ...(workdir !== undefined && { workdir }),
  };
}
