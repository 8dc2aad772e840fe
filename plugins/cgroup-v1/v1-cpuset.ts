import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { readCgroupFile, writeCgroupFile } from '../../core/plugin/index.js';

/** Parents whose children begin with CPUs and nodes, by their inode. */
const setUp = new Map<string, number>();

/**
 * A new cgroup of the v1 cpuset controller has no CPU and no memory node, and nobody can enter it
 * (ENOSPC), unless its parent has clone_children: then it begins with the parent's. So the parent is
 * set up once, and a later launch pays one look. Many may do this at the same time with the same values.
 */
export function initializeCpuset(directory: string, mountpoint: string): void {
  const parent = dirname(directory);
  // The same directory still, which somebody may have removed and made anew.
  const { ino } = statSync(parent);
  if (setUp.get(parent) === ino) return;
  if (isEmpty(directory)) {
    copySets(mountpoint, parent);
    // Last: whoever sees it may rely on the sets.
    writeCgroupFile(`${parent}/cgroup.clone_children`, '1');
    copySets(parent, directory);
  }
  setUp.set(parent, ino);
}

function isEmpty(directory: string): boolean {
  return ['cpuset.cpus', 'cpuset.mems'].some((file) => readCgroupFile(`${directory}/${file}`) === '');
}

function copySets(from: string, to: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems'])
    writeCgroupFile(`${to}/${file}`, readCgroupFile(`${from}/${file}`));
}
