import type { Engine } from '../engine/index.js';
import { type ContainerState, readContainer, requireContainer } from '../state/containers.js';
import { appendEvent, containerEvent } from '../state/events.js';
import { readDetails } from '../state/record.js';
import { setTakenCareOf } from '../state/run-state.js';
import { untilEnded } from './ended.js';
import { endRest, rememberUserStopped, SIGKILL, SIGTERM, signalProcess, stopSignalOf } from './signal.js';
import { thawForEnd } from './thaw-for-end.js';

export interface StopOptions {
  /** Milliseconds before SIGKILL; default: the container's own, else ten seconds. */
  readonly timeout?: number;
  /** Instead of the container's own stop signal. */
  readonly signal?: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Ends the command of a container and waits until nothing of its run is left: the stop signal, a while,
 * SIGKILL. One that has ended stays as it is. @throws TsboxError when there is no such container
 */
export async function stopContainer(engine: Engine, reference: string, options: StopOptions = {}): Promise<void> {
  const { id } = requireContainer(engine.paths.root, reference).record;
  await engine.locked(id, () => stopLocked(engine, id, options));
}

/** The same for one whose lock the caller holds. */
export async function stopLocked(engine: Engine, id: string, options: StopOptions = {}): Promise<void> {
  const container = readContainer(engine.paths.root, id);
  if (!container || container.state === 'created') return;
  // From here on its monitor leaves what comes after the end to us.
  if (container.record.monitored) setTakenCareOf(container.directory, true);
  rememberUserStopped(container);
  if (container.state === 'running' || container.state === 'paused') await endRun(engine, container, options);
  else if (container.state === 'restarting') await endMonitor(engine, container);
  // The engine of a container in the foreground cleans up itself.
  if (container.record.monitored) await settleIfThere(engine, id);
  appendEvent(engine.undoContext, containerEvent('stop', container.record));
}

async function endRun(engine: Engine, container: ContainerState, options: StopOptions): Promise<void> {
  const { spec } = readDetails(container.directory);
  const { signal = stopSignalOf(container), timeout = spec.stopTimeout ?? DEFAULT_TIMEOUT_MS } = options;
  const { process } = container.record;
  if (process) signalProcess(engine, process, signal);
  await thawForEnd(engine, container);
  const ended = timeout > 0 && signal !== SIGKILL ? await endedWithin(engine, container, timeout) : false;
  if (ended) return;
  if (process) signalProcess(engine, process, SIGKILL);
  await endRest(engine, container, spec);
  await untilEnded(engine, container);
}

async function endedWithin(engine: Engine, container: ContainerState, timeout: number): Promise<boolean> {
  const over = AbortSignal.timeout(timeout);
  await untilEnded(engine, container, over);
  const now = readContainer(engine.paths.root, container.record.id);
  return !now || (now.state !== 'running' && now.state !== 'paused');
}

/** It waits for its next start. */
async function endMonitor(engine: Engine, container: ContainerState): Promise<void> {
  const { owner } = container.record;
  if (owner) signalProcess(engine, owner, SIGTERM);
}

async function settleIfThere(engine: Engine, id: string): Promise<void> {
  if (readContainer(engine.paths.root, id)) await engine.settle(id);
}
