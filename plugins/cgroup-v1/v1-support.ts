import { existsSync } from 'node:fs';
import {
  type CgroupLayout,
  findController,
  type Host,
  type LimitName,
  notEnforceable,
  type Support,
  type TsboxError,
  unsupported,
  WORKS,
  writeObstacle,
} from '../../core/plugin/index.js';

/** Whether v1 hierarchies can hold containers here. */
export function v1Support(host: Host, layout: CgroupLayout): Support {
  const v1 = layout.hierarchies.filter((one) => one.version === 1);
  if (!v1.some((one) => one.controllers.length > 0)) {
    return unsupported(
      'no cgroup v1 hierarchy is mounted',
      'this host is for the driver cgroup-v2; `auto` finds the right one',
      'cgroup-not-mounted',
    );
  }
  if (!host.privileged)
    return unsupported(
      'cgroup v1 cannot be delegated to users',
      'run as root, or use --resources=none without limits',
      'needs-root',
    );
  // Without it a container could open every disk of the host through a node that it makes.
  if (!findController(layout, 'devices')) {
    return unsupported(
      'the controller "devices" is not mounted',
      'mount it: mount -t cgroup -o devices none DIRECTORY',
      'cgroup-controller-missing',
    );
  }
  const obstacle = layout.hierarchies.flatMap((one) => writeObstacle(one.mountpoint) ?? [])[0];
  if (obstacle) return unsupported(obstacle, 'mount it with the option rw', 'cgroup-read-only');
  return WORKS;
}

/** The files that `validate` can look for: they exist at the root of a hierarchy too. */
export function hasAtRoot(layout: CgroupLayout, controller: string, file: string): boolean {
  const hierarchy = findController(layout, controller);
  return hierarchy !== undefined && existsSync(`${hierarchy.mountpoint}/${file}`);
}

/** bfq keeps its weight from the root, but not its statistics. */
export function hasWeights(layout: CgroupLayout): boolean {
  return ['blkio.bfq.weight', 'blkio.bfq.io_service_bytes', 'blkio.weight'].some((file) =>
    hasAtRoot(layout, 'blkio', file),
  );
}

export function controllerMissing(limit: LimitName, controller: string): TsboxError {
  const fix = [
    `mount it: mount -t cgroup -o ${controller} none DIRECTORY`,
    'or boot without cgroup_disable, if the kernel has it',
  ];
  const why = `the cgroup controller "${controller}" is not mounted`;
  return notEnforceable(limit, why, fix, undefined, 'cgroup-controller-missing');
}
