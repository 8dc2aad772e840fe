import type { UndoContext } from '../plugin/plugin.js';
import type { JournalEntry } from '../state/journal.js';
import type { PluginRegistry } from './registry.js';

/** What an undo pass works on: a journal of this process, or one that was read from a dead one's file. */
export interface Undoable {
  readonly held: readonly JournalEntry[];
  release(entry: JournalEntry): void;
}

/**
 * Takes steps back, newest first. Never stops at a failure; returns all of them.
 * @param keep leaves what belongs to the container rather than to its run
 */
export async function undo(
  journal: Undoable,
  registry: PluginRegistry,
  context: UndoContext,
  keep: boolean,
): Promise<Error[]> {
  const failures: Error[] = [];
  for (const entry of journal.held) {
    if (keep && entry.keep) continue;
    try {
      const take = await registry.undo(entry.plugin, entry.kind);
      await take(entry.args, context);
      journal.release(entry);
    } catch (error) {
      failures.push(new Error(`${entry.plugin} could not undo ${entry.kind}`, { cause: error }));
    }
  }
  return failures;
}

/** Goes on when something fails; the failure is kept. */
export async function collect(failures: Error[], act: () => unknown): Promise<void> {
  try {
    await act();
  } catch (failure) {
    failures.push(failure as Error);
  }
}
