import { TsboxError } from '../plugin/error.js';
import type { UndoContext } from '../plugin/plugin.js';
import { findContainer } from '../state/find.js';
import { isAlive } from '../state/process-identity.js';
import { containerDirectory, readDetails, readRecord } from '../state/record.js';
import type { PluginRegistry } from './registry.js';
import { undo } from './teardown.js';

/**
 * Removes a container that has ended: what belonged to it rather than to its run is undone.
 * @returns its id
 * @throws TsboxError when it is not there, or still runs
 */
export async function removeContainer(
  reference: string,
  registry: PluginRegistry,
  context: UndoContext,
): Promise<string> {
  const id = findContainer(context.root, reference);
  const directory = containerDirectory(context.root, id);
  const record = readRecord(directory);
  if (!record || (record.process && record.status === 'running' && isAlive(record.process))) throw running(reference);
  const held = [...readDetails(directory).kept];
  const failures = await undo({ held, release: () => {} }, registry, context, false);
  const [first] = failures;
  if (first)
    throw new TsboxError('ERR_TSBOX_STATE', {
      what: `cannot remove container ${reference}`,
      why: reason(first),
      cause: first,
    });
  return id;
}

function reason(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function running(reference: string): TsboxError {
  return new TsboxError('ERR_TSBOX_CONTAINER_RUNNING', {
    what: `cannot remove container ${reference}`,
    why: 'it is running, or being started',
    fix: 'end its command first',
  });
}
