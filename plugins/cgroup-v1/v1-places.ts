import {
  CGROUP_PARENT,
  type CgroupHierarchy,
  type CgroupLayout,
  findController,
  TsboxError,
} from '../../core/plugin/index.js';

/** A launch, or a container that runs. */
export interface Identified {
  readonly id: string;
}

/** A container's cgroup in a hierarchy. */
export function directoryOf({ mountpoint }: CgroupHierarchy, { id }: Identified): string {
  return `${mountpoint}/${CGROUP_PARENT}/${id}`;
}

/** All its cgroups, one in every hierarchy. */
export function directoriesOf({ hierarchies }: CgroupLayout, container: Identified): string[] {
  return hierarchies.map((one) => directoryOf(one, container));
}

/** The one that has a v1 controller; undefined where that is not mounted. */
export function placeOf(layout: CgroupLayout, controller: string, container: Identified): string | undefined {
  const hierarchy = findController(layout, controller);
  return hierarchy && directoryOf(hierarchy, container);
}

/** The one that can be frozen: by the v1 controller, or on a hybrid host without it in the v2 hierarchy. @throws TsboxError */
export function freezerOf(layout: CgroupLayout, container: Identified): string {
  const { unified } = layout;
  const freezer = placeOf(layout, 'freezer', container) ?? (unified && directoryOf(unified, container));
  if (freezer) return freezer;
  throw new TsboxError('ERR_TSBOX_NOT_ENFORCEABLE', {
    what: `cannot pause container ${container.id.slice(0, 12)}`,
    why: 'the cgroup controller "freezer" is not mounted',
    fix: 'mount it before a container is started: mount -t cgroup -o freezer none DIRECTORY',
  });
}
