import { hasCode } from '../kernel/error.js';
import { type FailureFacts, TsboxError } from '../plugin/error.js';
import { isFull, storageError } from '../state/storage-error.js';
import type { PlanEntry } from './plan.js';

/** A step that failed: who did what, and why. */
export function stepFailed(error: unknown, entry: PlanEntry): unknown {
  if (error instanceof TsboxError) return error;
  const what = `${entry.plugin} could not ${entry.action} ${entry.target}`;
  const path = error instanceof Error && 'path' in error ? String(error.path) : entry.target;
  const { plugin, hook, action, target } = entry;
  const errno = error instanceof Error && 'code' in error ? { errno: String(error.code) } : {};
  const facts: FailureFacts = { kind: 'step', plugin, hook, action, target, path, ...errno };
  const known =
    isFull(error) || hasCode(error, 'EROFS', 'EMFILE', 'ENFILE') ? storageError(error, path, what, facts) : undefined;
  if (known) return known;
  const why = error instanceof Error ? error.message : String(error);
  return new TsboxError('ERR_TSBOX_STEP_FAILED', { what, why, facts, cause: error });
}

/** A step that nobody could take back is not taken. */
export function withoutUndo(plugin: string, action: string, target: string, kind: string): TsboxError {
  return new TsboxError('ERR_TSBOX_PLUGIN', {
    what: `plugin "${plugin}" must not ${action} ${target}`,
    why: `it names "${kind}" to take that back, and has no undo function of that name`,
    fix: `definePlugin({ ..., undo: { ${JSON.stringify(kind)}: (args, context) => ... } })`,
  });
}

/** A handler that was given up on goes on when it likes: what it takes then, nobody would take back. */
export function tooLate(plugin: string, action: string, target: string): TsboxError {
  return new TsboxError('ERR_TSBOX_PLUGIN', {
    what: `plugin "${plugin}" must not ${action} ${target}`,
    why: 'the launch has failed and was undone',
  });
}
