import { closeSync, openSync, rmSync } from 'node:fs';
import { hasCode } from '../kernel/error.js';
import type { UndoContext } from '../plugin/plugin.js';
import { type JournalEntry, journalPath, readJournal, removeJournal } from '../state/journal-file.js';
import { liveDirectory } from '../state/live.js';
import { listNames, ownerOfName, releaseName } from '../state/names.js';
import { containerDirectory, readDetails } from '../state/record.js';
import { removeTree } from '../state/remove-tree.js';
import type { PluginRegistry } from './registry.js';
import { undo } from './teardown.js';

/** Takes back what belongs to a container rather than to one run of it, as its details say. @returns failures */
export async function undoKept(id: string, registry: PluginRegistry, context: UndoContext): Promise<Error[]> {
  return undo({ held: keptOf(context.root, id), release: () => {} }, { registry, context, keep: false });
}

/**
 * Removes a container of which not all is known: with what its journal and its details still say, and then
 * what is always there: its directory, its name, its marks on volumes. The caller knows that nothing of it
 * runs. @returns failures
 */
export async function removeRemains(id: string, registry: PluginRegistry, context: UndoContext): Promise<Error[]> {
  const { root, runroot, gate } = context;
  const journal = journalPath(runroot, id);
  const held = [...heldOf(journal), ...keptOf(root, id)];
  const failures = await undo({ held, release: () => {} }, { registry, context, keep: false });
  const steps: (() => void | Promise<void>)[] = [
    () => removeTree(containerDirectory(root, id), gate),
    () => releaseNames(root, id),
    async () => (await import('../volumes/users.js')).dropUser(root, id),
    () => rmSync(liveDirectory(runroot, id), { recursive: true, force: true }),
  ];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error as Error);
    }
  }
  if (failures.length === 0) removeJournal(journal);
  return failures;
}

function releaseNames(root: string, id: string): void {
  for (const name of listNames(root)) if (isNameOf(root, name, id)) releaseName(root, name, id);
}

/** A damaged name is somebody else's matter. */
export function isNameOf(root: string, name: string, id: string): boolean {
  try {
    return ownerOfName(root, name) === id;
  } catch {
    return false;
  }
}

function keptOf(root: string, id: string): JournalEntry[] {
  try {
    return [...readDetails(containerDirectory(root, id)).kept];
  } catch (error) {
    if (hasCode(error, 'ERR_TSBOX_STATE')) return [];
    throw error;
  }
}

function heldOf(journal: string): JournalEntry[] {
  let fd: number;
  try {
    fd = openSync(journal, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
  try {
    return readJournal(fd).held;
  } finally {
    closeSync(fd);
  }
}
