import { accessSync, constants, existsSync, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cgroupProcesses, killCgroups, subdirectories } from './cgroup-kill.js';
import { hasCode } from './error.js';
import type { Gate } from './gate.js';

/**
 * Directories in cgroup file systems. A container's cgroup is `<hierarchy>/tsbox/<id>`; the parent comes
 * and goes with the containers, so every launch and every removal must stand others doing the same.
 * A cgroup file system holds no symbolic links, so paths below it are safe whoever made the directories.
 */
const MAKE_ATTEMPTS = 100;
/** Between attempts to remove; two seconds together. A killed process leaves its cgroup while it exits. */
const REMOVE_DELAYS_MS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 400, 600, 600];

/** Why cgroups cannot be made below a directory, though we are root; undefined when they can. */
export function writeObstacle(directory: string): string | undefined {
  try {
    accessSync(directory, constants.W_OK);
    return undefined;
  } catch (error) {
    // EROFS is answered to root as well.
    return hasCode(error, 'EROFS')
      ? `${directory} is read-only`
      : `${directory} cannot be written to (${(error as NodeJS.ErrnoException).code})`;
  }
}

/** Parents that were there when this process last needed them: mostly they still are. */
const seenParents = new Set<string>();

/** Makes a cgroup and, where missing, its parent. @throws EEXIST when the cgroup itself is there. */
export function makeCgroup(directory: string): void {
  const parent = dirname(directory);
  for (let attempt = 1; ; attempt++) {
    // Looked for before the first attempt, because that is cheaper than an exception.
    if (!seenParents.has(parent) && !existsSync(parent)) makeParent(parent);
    try {
      mkdirSync(directory, 0o755);
      seenParents.add(parent);
      return;
    } catch (error) {
      seenParents.delete(parent);
      // A removal elsewhere took the parent in between: gone (ENOENT), or dying (ENODEV).
      if (!hasCode(error, 'ENOENT', 'ENODEV') || attempt === MAKE_ATTEMPTS) throw error;
    }
  }
}

/**
 * Removes cgroups (one container's, in all hierarchies) and kills what is still inside. What is not
 * there is success. @throws Error naming processes that do not end.
 */
export async function removeCgroups(directories: readonly string[], gate: Gate): Promise<void> {
  let left = directories.filter((directory) => !removed(directory));
  for (const delay of REMOVE_DELAYS_MS) {
    if (left.length === 0) break;
    killCgroups(left, gate);
    await sleep(delay);
    left = left.filter((directory) => !removed(directory));
  }
  if (left[0])
    throw new Error(`cannot remove ${left.join(', ')}: processes ${cgroupProcesses(left[0]).join(', ')} do not end`);
}

/** Removes those that hold no cgroup any more; others, those that are gone, and somebody else's are left alone. */
export function removeEmptyCgroups(directories: Iterable<string>): void {
  for (const directory of directories) {
    try {
      if (!hasChildren(directory)) removeIfEmpty(directory);
    } catch (error) {
      if (!hasCode(error, 'EACCES', 'EPERM', 'EROFS')) throw error;
    }
  }
}

function makeParent(parent: string): void {
  try {
    mkdirSync(parent, 0o755);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

function removed(directory: string): boolean {
  if (removeIfEmpty(directory)) return true;
  // A privileged container may have made cgroups of its own.
  const children = subdirectories(directory);
  return children.length > 0 && children.every(removed) && removeIfEmpty(directory);
}

/** Whether it is gone now. A cgroup with processes or children is EBUSY. */
function removeIfEmpty(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return true;
    if (hasCode(error, 'EBUSY', 'ENOTEMPTY')) return false;
    throw error;
  }
}

/** A directory has two links and one more for each below it. The last of several removers sees none. */
function hasChildren(directory: string): boolean {
  return (statSync(directory, { throwIfNoEntry: false })?.nlink ?? 0) > 2;
}
