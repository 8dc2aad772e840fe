import { hasCode } from '../kernel/error.js';
import { TsboxError } from '../plugin/error.js';
import type { UndoContext } from '../plugin/plugin.js';
import { findContainer } from '../state/find.js';
import { isAlive } from '../state/process-identity.js';
import { type ContainerDetails, containerDirectory, readDetails, readRecord } from '../state/record.js';
import type { PluginRegistry } from './registry.js';
import { undo } from './teardown.js';

export interface RemoveOptions {
  /** A damaged one too, with what is still known of it. */
  readonly force?: boolean;
  /** With its anonymous volumes, unless another container has them. */
  readonly volumes?: boolean;
}

/**
 * Removes a container that has ended: what belonged to it rather than to its run is undone.
 * @returns its id
 * @throws TsboxError when it is not there, or still runs
 */
export async function removeContainer(
  reference: string,
  registry: PluginRegistry,
  context: UndoContext,
  { force = false, volumes = false }: RemoveOptions = {},
): Promise<string> {
  const id = findContainer(context.root, reference);
  const details = endedDetails(reference, containerDirectory(context.root, id), force);
  if (!details) {
    const { removeDamaged } = await import('./remove-damaged.js');
    await failIfAny(reference, id, context, await removeDamaged(reference, id, registry, context));
    return id;
  }
  const failures = await undo({ held: [...details.kept], release: () => {} }, { registry, context, keep: false });
  await failIfAny(reference, id, context, failures);
  if (volumes) await removeVolumes(details, context);
  return id;
}

/** Undefined for one whose files are missing or damaged, if that is no reason to leave it. @throws TsboxError */
function endedDetails(reference: string, directory: string, force: boolean): ContainerDetails | undefined {
  try {
    const record = readRecord(directory);
    if (record?.process && record.status === 'running' && isAlive(record.process)) throw running(reference);
    if (record) return readDetails(directory);
  } catch (error) {
    if (!force || !hasCode(error, 'ERR_TSBOX_STATE')) throw error;
    return undefined;
  }
  if (force) return undefined;
  throw running(reference);
}

async function removeVolumes({ spec }: ContainerDetails, { gate, root }: UndoContext): Promise<void> {
  for (const mount of spec.mounts) {
    if (mount.type !== 'volume' || !mount.anonymous || mount.name === undefined) continue;
    const { removeUnused } = await import('../volumes/remove.js');
    await removeUnused(gate, root, mount.name);
  }
}

async function failIfAny(
  reference: string,
  id: string,
  { root, runroot }: UndoContext,
  [first]: readonly Error[],
): Promise<void> {
  if (!first) return;
  const what = `cannot remove container ${reference}`;
  const error = new TsboxError('ERR_TSBOX_STATE', { what, why: reason(first), cause: first });
  const { explained } = await import('../explain/index.js');
  throw explained(error, { root, runroot, container: containerDirectory(root, id) });
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
