import type { Engine } from '../engine/index.js';
import { type ContainerState, readContainer, requireContainer } from '../state/containers.js';
import { appendEvent, containerEvent } from '../state/events.js';
import { writeRecord } from '../state/record.js';
import { type Held, holdContainer, isStill, notSupported, whileRunning, wrongState } from './held.js';

/**
 * Freezes every process of a container, until it is unpaused or killed.
 * @returns its id
 * @throws TsboxError when it does not run, is paused, or has a process that cannot be stopped; it runs on then
 */
export function pauseContainer(engine: Engine, reference: string): Promise<string> {
  return change(engine, reference, 'pause', async (held) => {
    const { container, driver, running } = held;
    if (container.state === 'paused')
      throw wrongState(container, 'pause', 'it is already paused', `tsbox unpause ${container.record.name}`);
    if (!driver.freeze || !driver.thaw) throw notSupported(held, 'pause', 'has no freezer');
    await driver.freeze(running);
    try {
      // Frozen, it does not end by itself; before that it may have, and its end is written down by now.
      const now = readContainer(engine.paths.root, running.id);
      if (now?.pid !== running.pid) throw new Error('it ended before it was frozen');
      writeRecord(now.directory, { ...now.record, paused: true }, false);
    } catch (error) {
      await thawQuietly(held);
      throw error;
    }
  });
}

/**
 * Lets a paused container go on. @returns its id
 * @throws TsboxError when it is not paused
 */
export function unpauseContainer(engine: Engine, reference: string): Promise<string> {
  return change(engine, reference, 'unpause', async (held) => {
    const { container, driver, running } = held;
    // A tsbox that was killed while it paused may have left it frozen without a word.
    const frozen = container.state === 'paused' || driver.isFrozen?.(running) === true;
    if (!frozen) throw wrongState(container, 'unpause', 'it is not paused', 'nothing needs to be done: it runs');
    if (!driver.thaw) throw notSupported(held, 'unpause', 'has no freezer');
    // Before it can end: from then on its record belongs to whoever writes that down.
    notePaused(container, false);
    try {
      await driver.thaw(running);
    } catch (error) {
      if (isStill(engine, container)) notePaused(container, true);
      throw error;
    }
  });
}

async function change(
  engine: Engine,
  reference: string,
  action: 'pause' | 'unpause',
  act: (held: Held) => Promise<void>,
): Promise<string> {
  const { id } = requireContainer(engine.paths.root, reference).record;
  await engine.locked(id, async () => {
    const held = await holdContainer(engine, id, action);
    await whileRunning(engine, held, action, () => act(held));
    appendEvent({ gate: engine.gate, runroot: engine.paths.runroot }, containerEvent(action, held.container.record));
  });
  return id;
}

/** Its record could not be written, which says more than what may follow. */
async function thawQuietly({ driver, running }: Held): Promise<void> {
  try {
    await driver.thaw?.(running);
  } catch {
    // `unpause` tries again: the kernel knows that it is frozen.
  }
}

function notePaused({ record, directory }: ContainerState, paused: boolean): void {
  const { paused: _, ...rest } = record;
  writeRecord(directory, paused ? { ...rest, paused } : rest, false);
}
