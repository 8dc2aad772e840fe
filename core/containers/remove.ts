import type { Engine } from '../engine/index.js';
import { hasCode } from '../kernel/error.js';
import { TsboxError } from '../plugin/error.js';
import { type ContainerState, readContainer } from '../state/containers.js';
import { appendEvent, containerEvent } from '../state/events.js';
import { findContainer } from '../state/find.js';
import { readRecord, writeRecord } from '../state/record.js';
import { untilGone } from './ended.js';
import { stopLocked } from './stop.js';

export interface RemoveOptions {
  /** Kill it first when it runs; and no error when there is no such container. */
  readonly force?: boolean;
  /** With its anonymous volumes. */
  readonly volumes?: boolean;
}

/**
 * Removes a container with everything that it wrote. Cut short it is listed as half removed, and the next
 * try ends it. @returns its id; undefined when there was none, and that is as good
 * @throws TsboxError when it runs, is not there, or something of it could not be removed
 */
export async function removeContainer(
  engine: Engine,
  reference: string,
  options: RemoveOptions = {},
): Promise<string | undefined> {
  try {
    const id = findContainer(engine.paths.root, reference);
    await removeFound(engine, id, reference, options);
    return id;
  } catch (error) {
    if (options.force && hasCode(error, 'ERR_TSBOX_NO_SUCH_CONTAINER')) return undefined;
    throw error;
  }
}

async function removeFound(engine: Engine, id: string, reference: string, options: RemoveOptions): Promise<void> {
  try {
    await engine.locked(id, async () => {
      const container = readable(engine, id, options.force ?? false);
      if (container && isAlive(container)) {
        if (!options.force) throw running(reference, container.state);
        await stopLocked(engine, id, { timeout: 0 });
        // The engine of a container in the foreground takes it back, and removes it if that was asked for.
        if (!container.record.monitored && !(await untilGone(engine, container))) return;
      }
      // An engine that was killed with its container has taken nothing back.
      if (readable(engine, id, options.force ?? false)?.unsettled) await engine.settle(id);
      if (container) markRemoving(container.directory);
      await engine.remove(id, options);
      if (container) appendEvent(engine.undoContext, containerEvent('destroy', container.record));
    });
  } catch (error) {
    // Somebody else has removed it meanwhile.
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function markRemoving(directory: string): void {
  const record = readRecord(directory);
  if (record) writeRecord(directory, { ...record, status: 'removing' }, false);
}

/** A damaged record is no reason to keep what is left, if that is asked for. */
function readable(engine: Engine, id: string, force: boolean): ContainerState | undefined {
  try {
    return readContainer(engine.paths.root, id);
  } catch (error) {
    if (force) return undefined;
    throw error;
  }
}

function isAlive({ state }: ContainerState): boolean {
  return state === 'running' || state === 'paused' || state === 'restarting';
}

function running(reference: string, state: string): TsboxError {
  return new TsboxError('ERR_TSBOX_CONTAINER_RUNNING', {
    what: `cannot remove container ${reference}`,
    why: state === 'running' ? 'it is running' : `it is ${state}`,
    fix: [`tsbox stop ${reference}`, `or tsbox rm -f ${reference}`],
  });
}
