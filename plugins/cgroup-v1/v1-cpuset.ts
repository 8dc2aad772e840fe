import { dirname } from 'node:path';
import { readCgroupFile, writeCgroupFile } from '../../core/plugin/index.js';

/**
 * A new cgroup of the v1 cpuset controller has no CPU and no memory node, and nobody can enter it
 * (ENOSPC), unless its parent has clone_children: then it begins with the parent's. So the parent is
 * set up once, and a later launch pays one read. Many may do this at the same time with the same values.
 */
export function initializeCpuset(directory: string, mountpoint: string): void {
  if (readCgroupFile(`${directory}/cpuset.cpus`) !== '' && readCgroupFile(`${directory}/cpuset.mems`) !== '') return;
  const parent = dirname(directory);
  copySets(mountpoint, parent);
  // Last: whoever sees it may rely on the sets.
  writeCgroupFile(`${parent}/cgroup.clone_children`, '1');
  copySets(parent, directory);
}

function copySets(from: string, to: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems'])
    writeCgroupFile(`${to}/${file}`, readCgroupFile(`${from}/${file}`));
}
