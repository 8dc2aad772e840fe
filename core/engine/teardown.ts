import type { UndoContext } from '../plugin/plugin.js';
import type { Errands } from '../program/errands.js';
import type { Removal } from '../program/removal.js';
import type { JournalEntry } from '../state/journal.js';
import type { LaunchState } from './launch-state.js';
import type { PluginRegistry } from './registry.js';

/** What an undo pass works on: a journal of this process, or one that was read from a dead one's file. */
export interface Undoable {
  readonly held: readonly JournalEntry[];
  release(entry: JournalEntry): void;
}

export interface UndoOptions {
  readonly registry: PluginRegistry;
  readonly context: UndoContext;
  /** Leaves what belongs to the container rather than to its run. */
  readonly keep: boolean;
  /** Removes beside this thread. */
  readonly errands?: Errands | undefined;
}

/** Of an engine that takes back what it did itself. */
export function undoContext({ gate, host, paths: { root, runroot } }: LaunchState): UndoContext {
  return { gate, host, root, runroot, engineLives: true };
}

/** Takes steps back, newest first. Never stops at a failure; returns all of them. */
export async function undo(journal: Undoable, options: UndoOptions): Promise<Error[]> {
  const failures: Error[] = [];
  const { registry, context, keep, errands } = options;
  const takeBack = async (entry: JournalEntry) => {
    try {
      const take = await registry.undo(entry.plugin, entry.kind);
      await take(entry.args, context);
      journal.release(entry);
    } catch (error) {
      failures.push(new Error(`${entry.plugin} could not undo ${entry.kind}`, { cause: error }));
    }
  };
  const removing: Removing[] = [];
  const removeAll = async () => {
    const left = errands && removing.length > 0 ? await removeBeside(removing.splice(0), errands, journal) : [];
    for (const entry of left) await takeBack(entry);
  };
  for (const entry of journal.held) {
    if (keep && entry.keep) continue;
    const removals = errands && registry.removals(entry, context);
    if (removals) {
      removing.push({ entry, removals });
      continue;
    }
    await removeAll();
    await takeBack(entry);
  }
  await removeAll();
  return failures;
}

interface Removing {
  readonly entry: JournalEntry;
  readonly removals: readonly Removal[];
}

/** @returns those of which something may be left */
async function removeBeside(
  removing: readonly Removing[],
  errands: Errands,
  journal: Undoable,
): Promise<JournalEntry[]> {
  const gone = (await errands.remove(removing.flatMap(({ removals }) => removals))) ?? [];
  const left: JournalEntry[] = [];
  let at = 0;
  for (const { entry, removals } of removing) {
    const areGone = removals.every((_, index) => gone[at + index]);
    at += removals.length;
    if (areGone) journal.release(entry);
    else left.push(entry);
  }
  return left;
}

/** Goes on when something fails; the failure is kept. */
export async function collect(failures: Error[], act: () => unknown): Promise<void> {
  try {
    await act();
  } catch (failure) {
    failures.push(failure as Error);
  }
}
