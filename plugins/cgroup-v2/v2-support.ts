import { accessSync, constants } from 'node:fs';
import { type CgroupLayout, type Host, type Support, unsupported, WORKS } from '../../core/plugin/index.js';
import { BASE_CONTROLLERS } from './v2-controllers.js';

/** Whether the v2 hierarchy can hold containers here: not where its controllers are held by v1. */
export function v2Support(host: Host, { unified, mode }: CgroupLayout): Support {
  if (!unified) return unsupported('no cgroup v2 hierarchy is mounted', 'mount -t cgroup2 none /sys/fs/cgroup');
  const missing = BASE_CONTROLLERS.filter((controller) => !unified.controllers.includes(controller));
  if (missing.length > 0) {
    const reason = `${unified.mountpoint} lacks the controllers ${missing.join(', ')}`;
    if (mode === 'hybrid') return unsupported(`${reason}: cgroup v1 holds them`, 'use cgroup-v1, or boot with systemd.unified_cgroup_hierarchy=1');
    return unsupported(reason, 'have them delegated: Delegate=yes in the unit, or a cgroup namespace with them');
  }
  if (!host.privileged) return unsupported('cgroups of the system belong to root', 'run as root, or use --resources=none without limits');
  try {
    // EROFS is answered to root as well.
    accessSync(unified.mountpoint, constants.W_OK);
    return WORKS;
  } catch {
    return unsupported(`${unified.mountpoint} is read-only`, `mount -o remount,rw ${unified.mountpoint}`);
  }
}
