import { existsSync } from 'node:fs';
import {
  type CgroupLayout,
  type Host,
  readCgroupFile,
  type Support,
  unsupported,
  WORKS,
  writeObstacle,
} from '../../core/plugin/index.js';
import { BASE_CONTROLLERS } from './v2-controllers.js';

/** Whether the v2 hierarchy can hold containers here: not where its controllers are held by v1. */
export function v2Support(host: Host, { unified, mode }: CgroupLayout): Support {
  if (!unified)
    return unsupported(
      'no cgroup v2 hierarchy is mounted',
      'mount -t cgroup2 none /sys/fs/cgroup',
      'cgroup-not-mounted',
    );
  const missing = BASE_CONTROLLERS.filter((controller) => !unified.controllers.includes(controller));
  if (missing.length > 0) {
    const reason = `${unified.mountpoint} lacks the controllers ${missing.join(', ')}`;
    if (mode === 'hybrid')
      return unsupported(
        `${reason}: cgroup v1 holds them`,
        'use cgroup-v1, or boot with systemd.unified_cgroup_hierarchy=1',
        'cgroup-controller-missing',
      );
    return unsupported(
      reason,
      'have them delegated: Delegate=yes in the unit, or a cgroup namespace with them',
      'cgroup-controller-missing',
    );
  }
  if (!host.privileged)
    return unsupported(
      'cgroups of the system belong to root',
      'run as root, or use --resources=none without limits',
      'needs-root',
    );
  const obstacle = writeObstacle(unified.mountpoint);
  if (obstacle) return unsupported(obstacle, 'mount it with the option rw', 'cgroup-read-only');
  if (!occupied(unified.mountpoint)) return WORKS;
  return unsupported(
    `processes are in ${unified.mountpoint} itself, where a cgroup holds either processes or limits`,
    `mkdir ${unified.mountpoint}/init, and move each process of ${unified.mountpoint}/cgroup.procs there`,
    'cgroup-occupied',
  );
}

/**
 * Inside of another container the top of what is mounted is no real root (it has a cgroup.type), and its
 * controllers can be enabled only while it is without processes: the "no internal process" rule.
 */
function occupied(mountpoint: string): boolean {
  if (!existsSync(`${mountpoint}/cgroup.type`)) return false;
  const enabled = readCgroupFile(`${mountpoint}/cgroup.subtree_control`).split(' ');
  if (BASE_CONTROLLERS.every((controller) => enabled.includes(controller))) return false;
  return readCgroupFile(`${mountpoint}/cgroup.procs`) !== '';
}
