import type { Spec } from '../plugin/spec.js';
import type { StatePaths } from '../plugin/tokens.js';
import type { StartAgainOptions, WatchOptions } from './engine-options.js';
import { readExisting, rememberFailure } from './existing.js';
import type { Lifecycle } from './lifecycle.js';
import type { ResolveContext } from './resolve.js';
import { startWatched, type WatchedContainer } from './watched.js';

/** What starting a container that outlives the engine takes of it. */
export interface StartServices {
  readonly paths: StatePaths;
  /** How a monitor starts tsbox again. */
  readonly command: readonly string[] | undefined;
  resolve(spec: Spec, how?: Pick<ResolveContext, 'existing'>): Promise<Lifecycle>;
}

/** Makes a container that {@link startAgain} starts. */
export async function createContainer({ resolve }: StartServices, spec: Spec): Promise<{ id: string; name: string }> {
  const lifecycle = await resolve(spec);
  try {
    await lifecycle.create();
  } catch (error) {
    throw await lifecycle.undoAll(error);
  }
  const { id, name } = lifecycle.state;
  return { id, name };
}

export async function runWatched(
  services: StartServices,
  spec: Spec,
  options: WatchOptions,
): Promise<WatchedContainer> {
  return start(services, await services.resolve(spec), options);
}

export async function startAgain(
  services: StartServices,
  id: string,
  options: StartAgainOptions,
): Promise<WatchedContainer> {
  const { root } = services.paths;
  const existing = readExisting(root, id);
  const lifecycle = await services.resolve({ ...existing.details.spec, ...options.spec }, { existing });
  try {
    return await start(services, lifecycle, options);
  } catch (error) {
    rememberFailure(root, existing.record, error);
    throw error;
  }
}

async function start(
  { command }: StartServices,
  lifecycle: Lifecycle,
  { restarts = 0, quickRestarts = 0, patienceMs = 0, hold = false }: StartAgainOptions,
): Promise<WatchedContainer> {
  try {
    // Its output goes to pipes, and its input comes from one, or is nothing.
    await lifecycle.prepare({ watched: true, nullFds: lifecycle.state.spec.interactive ? [] : [0] });
    return await startWatched(lifecycle, { patienceMs, hold, after: { command, restarts, quickRestarts } });
  } catch (error) {
    throw await lifecycle.undoAll(error);
  }
}
