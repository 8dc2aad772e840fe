import { readCgroupFileIfThere, writeCgroupFile } from '../kernel/cgroup-file.js';
import { TsboxError } from './error.js';
import { enforceLimit, type LimitWrite, limitFile } from './limit-write.js';
import { ALL_LIMITS, type LimitName } from './limits.js';
import type { ResourceSpec } from './spec.js';

/** A write, and the cgroup that it goes to. */
export interface PlacedWrite {
  readonly directory: string;
  readonly write: LimitWrite;
}

/** The writes of an update: those of limits that change. */
export function changedWrites(
  writes: readonly LimitWrite[],
  before: ResourceSpec,
  after: ResourceSpec,
): readonly LimitWrite[] {
  const changed = new Set<LimitName>(ALL_LIMITS.filter((name) => before[name] !== after[name]));
  // One depends on the other, in either direction.
  if (changed.has('memory') || changed.has('memorySwap')) changed.add('memory').add('memorySwap');
  const needed = writes.filter(({ limit }) => changed.has(limit));
  const unlimited = changed.has('pidsLimit') && after.pidsLimit === -1;
  return unlimited ? [...needed, { limit: 'pidsLimit', controller: 'pids', file: 'pids.max', value: 'max' }] : needed;
}

/**
 * Writes limits of a container that runs, one after the other. When one does not hold, those before it
 * are put back, the last first. @returns what puts them back later
 * @throws TsboxError ERR_TSBOX_NOT_ENFORCEABLE
 */
export function applyLimits(writes: readonly PlacedWrite[]): () => void {
  const undo: (() => void)[] = [];
  try {
    for (const { directory, write } of writes) {
      const file = limitFile(directory, write);
      if (!file) continue;
      const path = `${directory}/${file.file}`;
      const before = readCgroupFileIfThere(path);
      // The newline makes a write of an empty list, which takes back a CPU set in v2.
      if (before !== undefined) undo.unshift(() => writeCgroupFile(path, `${before}\n`));
      enforceLimit(directory, write);
    }
    return () => {
      const [failure] = attemptAll(undo);
      if (failure) throw failure;
    };
  } catch (error) {
    const failures = attemptAll(undo);
    if (error instanceof TsboxError) error.undoErrors = failures;
    throw error;
  }
}

function attemptAll(actions: readonly (() => void)[]): Error[] {
  return actions.flatMap((action) => {
    try {
      action();
      return [];
    } catch (error) {
      return [error as Error];
    }
  });
}
