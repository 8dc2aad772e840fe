import { closeSync } from 'node:fs';
import type { Engine } from '../engine/index.js';
import { hasCode } from '../kernel/error.js';
import type { Spec } from '../plugin/spec.js';
import { type ContainerState, requireContainer } from '../state/containers.js';
import { appendEvent, containerEvent } from '../state/events.js';
import { isAlive, type ProcessIdentity } from '../state/process-identity.js';
import { readDetails, writeRecord } from '../state/record.js';
import { killAllProcesses } from './kill-all.js';
import { notRunning } from './not-running.js';
import { thawForEnd } from './thaw-for-end.js';

export const SIGTERM = 15;
export const SIGKILL = 9;

/**
 * Sends a signal to a process, which cannot be mistaken for a later one with its pid: the descriptor
 * comes first, then the look whose it is. @returns false when it has ended
 */
export function signalProcess(engine: Engine, target: ProcessIdentity, signal: number): boolean {
  const pidfd = engine.gate.attempt('pidfd_open', target.pid, 0);
  if (pidfd < 0) return false;
  try {
    if (!isAlive(target)) return false;
    engine.gate.call('pidfd_send_signal', pidfd, signal, null, 0);
    return true;
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    throw error;
  } finally {
    closeSync(pidfd);
  }
}

/** Sends a signal to the command of a running container. @throws TsboxError when it does not run */
export async function killContainer(engine: Engine, reference: string, signal: number = SIGKILL): Promise<void> {
  const container = requireContainer(engine.paths.root, reference);
  const { record, state } = container;
  if (!record.process || (state !== 'running' && state !== 'paused')) throw notRunning(reference, 'kill', state);
  const { spec } = readDetails(container.directory);
  if (signal === SIGKILL || signal === (spec.stopSignal ?? SIGTERM)) rememberUserStopped(container);
  if (!signalProcess(engine, record.process, signal)) throw notRunning(reference, 'kill', 'exited');
  if (signal === SIGKILL) await endRest(engine, container, spec);
  appendEvent(engine.undoContext, containerEvent('kill', record, { signal: String(signal) }));
}

/** What `stop` sends: the container's own choice, else SIGTERM. */
export function stopSignalOf({ directory }: ContainerState): number {
  return readDetails(directory).spec.stopSignal ?? SIGTERM;
}

/** No restart policy starts it again now. */
export function rememberUserStopped({ record, directory }: ContainerState): void {
  if (!record.stoppedByUser) writeRecord(directory, { ...record, stoppedByUser: true }, false);
}

/**
 * After SIGKILL of the first process: a frozen one has not taken it yet, and not all have a namespace that ends
 * with it. @param spec read before the kill: the engine of one in the foreground may remove its files after it
 */
export async function endRest(
  engine: Engine,
  container: ContainerState,
  { namespaces }: Pick<Spec, 'namespaces'>,
): Promise<void> {
  await thawForEnd(engine, container);
  if (namespaces.pid === 'host') await killAllProcesses(engine, container);
}
