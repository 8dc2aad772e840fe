import type { Engine, StartAgainOptions, WatchedContainer } from '../engine/index.js';
import { TsboxError } from '../plugin/error.js';
import { type ContainerState, readContainer, requireContainer } from '../state/containers.js';
import { appendEvent, containerEvent } from '../state/events.js';
import { readRecord, writeRecord } from '../state/record.js';
import { type StopOptions, stopLocked } from './stop.js';

/**
 * Starts a container that was made or has ended, with the changes that it had made.
 * @returns undefined when it runs already
 * @throws TsboxError; it stays as it was
 */
export async function startContainer(
  engine: Engine,
  reference: string,
  options: StartAgainOptions = {},
): Promise<WatchedContainer | undefined> {
  const { id } = requireContainer(engine.paths.root, reference).record;
  return engine.locked(id, () => startLocked(engine, id, reference, options));
}

/** Stops and starts it. */
export async function restartContainer(engine: Engine, reference: string, options: StopOptions = {}): Promise<void> {
  const { id } = requireContainer(engine.paths.root, reference).record;
  await engine.locked(id, async () => {
    await stopLocked(engine, id, options);
    await startLocked(engine, id, reference, {});
    const record = readRecord(requireContainer(engine.paths.root, id).directory);
    if (record) appendEvent(engine.undoContext, containerEvent('restart', record));
  });
}

/** For one whose lock the caller holds. */
export async function startLocked(
  engine: Engine,
  id: string,
  reference: string,
  options: StartAgainOptions,
): Promise<WatchedContainer | undefined> {
  const container = readContainer(engine.paths.root, id);
  if (!container || container.state === 'creating' || container.state === 'removing')
    throw cannotStart(reference, 'it is being made, or removed');
  if (container.state === 'running') return undefined;
  if (container.state === 'paused') throw cannotStart(reference, 'it is paused', `tsbox unpause ${reference}`);
  if (container.state === 'restarting') await stopLocked(engine, id);
  else if (container.unsettled) await engine.settle(id);
  forgetStop(container);
  return engine.startAgain(id, options);
}

/** Its restart policy counts again. */
function forgetStop({ directory }: ContainerState): void {
  const record = readRecord(directory);
  if (!record?.stoppedByUser) return;
  const { stoppedByUser: _, ...rest } = record;
  writeRecord(directory, rest, false);
}

function cannotStart(reference: string, why: string, fix: string | string[] = []): TsboxError {
  return new TsboxError('ERR_TSBOX_CONTAINER_STATE', { what: `cannot start container ${reference}`, why, fix });
}
