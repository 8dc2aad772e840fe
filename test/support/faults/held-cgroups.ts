import { mkdirSync, rmdirSync } from 'node:fs';
import { readCgroupLayout } from '../../../core/plugin/index.js';

/**
 * Keeps the cgroups above those of all containers, which go with the last one: whether stage one meets them decides
 * which of its ops are executed, and these are to be the same in each run. @returns gives them up
 */
export function holdParents(): () => void {
  const parents = readCgroupLayout().hierarchies.map(({ mountpoint }) => `${mountpoint}/tsbox`);
  const held = parents.map((parent) => `${parent}/held-${process.pid}`);
  for (const directory of held) mkdirSync(directory, { recursive: true });
  return () => {
    for (const directory of held) rmdirSync(directory);
    for (const parent of parents) removeIfEmpty(parent);
  };
}

/** Somebody else's containers may be there. */
function removeIfEmpty(parent: string): void {
  try {
    rmdirSync(parent);
  } catch (error) {
    if (!['EBUSY', 'ENOTEMPTY', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
