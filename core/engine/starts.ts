import type { Spec } from '../plugin/spec.js';
import type { StatePaths } from '../plugin/tokens.js';
import type { Container } from './container.js';
import type { RunOptions, StartAgainOptions, TraceOptions, WatchOptions } from './engine-options.js';
import { readExisting, rememberFailure } from './existing.js';
import { startForeground } from './foreground.js';
import type { Lifecycle } from './lifecycle.js';
import type { LifecycleEmitter } from './lifecycle-events.js';
import { futureNullDevices } from './null-devices.js';
import { observed } from './observe.js';
import type { LaunchKind, LaunchObserver } from './observer.js';
import type { ResolveContext } from './resolve.js';
import { startWatched, type WatchedContainer } from './watched.js';
import type { WorkInHand } from './work-in-hand.js';

/** What starting a container that outlives the engine takes of it. */
export interface StartServices {
  readonly paths: StatePaths;
  /** How a monitor starts tsbox again. */
  readonly command: readonly string[] | undefined;
  readonly events: LifecycleEmitter;
  readonly work: WorkInHand;
  resolve(spec: Spec, how?: Partial<Pick<ResolveContext, 'existing' | 'observer' | 'outlives'>>): Promise<Lifecycle>;
}

/** Makes a container that {@link startAgain} starts. */
export function createContainer(services: StartServices, spec: Spec): Promise<{ id: string; name: string }> {
  return launch(services, { kind: 'create', spec }, async (observer) => {
    const lifecycle = await services.resolve(spec, { observer });
    try {
      await lifecycle.create();
    } catch (error) {
      throw await lifecycle.undoAll(error);
    }
    const { id, name } = lifecycle.state;
    return { id, name };
  });
}

/** A container that ends with this process. */
export function runForeground(services: StartServices, spec: Spec, options: RunOptions): Promise<Container> {
  const { stdio = 'pipe', patienceMs = 0, signal } = options;
  return launch(services, { kind: 'run', spec, ...options }, async (observer) => {
    const lifecycle = await services.resolve(spec, { observer, outlives: false });
    try {
      await lifecycle.prepare({ nullFds: futureNullDevices(stdio) });
      signal?.throwIfAborted();
      return await startForeground(lifecycle, { stdio, patienceMs });
    } catch (error) {
      throw await lifecycle.undoAll(error);
    }
  });
}

/** A container that outlives the engine. */
export function runWatched(services: StartServices, spec: Spec, options: WatchOptions): Promise<WatchedContainer> {
  return launch(services, { kind: 'run', spec, ...options }, async (observer) =>
    start(services, await services.resolve(spec, { observer }), options),
  );
}

export async function startAgain(
  services: StartServices,
  id: string,
  options: StartAgainOptions,
): Promise<WatchedContainer> {
  const { root } = services.paths;
  const existing = readExisting(root, id);
  const spec = { ...existing.details.spec, ...options.spec };
  return launch(services, { ...options, kind: 'start', spec }, async (observer) => {
    const lifecycle = await services.resolve(spec, { existing, observer });
    try {
      return await start(services, lifecycle, options);
    } catch (error) {
      rememberFailure(root, existing.record, error);
      throw error;
    }
  });
}

interface Asked extends TraceOptions {
  readonly kind: LaunchKind;
  readonly spec: Spec;
}

/** Seen by whoever wants to see it, and told when it fails. */
async function launch<Result>(
  { events, work }: StartServices,
  { kind, spec, trace, onTrace = trace ? () => {} : undefined }: Asked,
  act: (observer?: LaunchObserver) => Promise<Result>,
): Promise<Result> {
  try {
    return await work.during(() => observed(kind, { spec, onTrace }, act));
  } catch (error) {
    events.tell('fail', { kind, image: spec.image, command: spec.command, error });
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
