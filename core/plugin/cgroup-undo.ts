import { dirname } from 'node:path';
import { removeCgroups, removeEmptyCgroups } from '../kernel/cgroup-tree.js';
import type { Removal } from '../program/removal.js';
import type { JsonObject } from './launch.js';
import type { UndoContext } from './plugin.js';

/** The undo kind of the step that makes a container's cgroups; arguments `{ directories: string[] }`. */
export const REMOVE_CGROUPS = 'remove-cgroups';

/** Name of the cgroup that holds all containers', in every hierarchy. */
export const CGROUP_PARENT = 'tsbox';

/**
 * Kills what is still inside and removes them, and their parents when they were the last; a living engine
 * keeps the parents for its next launch, until its driver is disposed of. A journal names nothing else
 * than containers' cgroups.
 */
export async function undoCgroups(args: JsonObject, { gate, engineLives }: UndoContext): Promise<void> {
  const directories = containerCgroups(args);
  await removeCgroups(directories, gate);
  if (!engineLives) removeEmptyCgroups(new Set(directories.map((directory) => dirname(directory))));
}

/** The same for `removals`: mostly nothing is inside any more, and nothing has to be killed. */
export function cgroupRemovals(args: JsonObject): Removal[] {
  return containerCgroups(args).map((path) => ({ kind: 'directory', path }));
}

function containerCgroups({ directories }: JsonObject): string[] {
  if (Array.isArray(directories) && directories.every(isContainerCgroup)) return directories;
  throw new TypeError(`not cgroups of a container: ${JSON.stringify(directories)}`);
}

function isContainerCgroup(value: unknown): value is string {
  return typeof value === 'string' && /^\/(?!.*\/\.\.?\/).*\/tsbox\/[0-9a-f]{64}$/.test(value);
}
