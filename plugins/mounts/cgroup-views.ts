import { basename, dirname } from 'node:path';
import {
  type CgroupHierarchy,
  type CgroupLayout,
  type ChildProgram,
  type Gate,
  type Launch,
  MOUNT_ATTR_RDONLY,
  MOVE_MOUNT_F_EMPTY_PATH,
  readCgroupLayout,
  type Slot,
} from '../../core/plugin/index.js';
import { HARMLESS } from './attributes.js';
import { hasHostSys } from './kernel-views.js';

const PLACE = '/sys/fs/cgroup';

/**
 * /sys/fs/cgroup as it is laid out on the host, read-only unless the container is privileged. In a
 * cgroup namespace the mounts are new ones, whose root is the container's own cgroup; without one the
 * host's are bound: a new mount of cgroup2 from there would change the host's mount options.
 */
export function mountCgroups(child: ChildProgram, launch: Launch): void {
  const layout = layoutFor(launch.gate);
  if (layout.mode === 'none') return;
  const readOnly = !launch.spec.security.privileged;
  if (!launch.namespaces.has('cgroup')) bindHost(child, launch, hostPlace(layout), readOnly);
  else if (layout.mode === 'v2')
    child.attach(newHierarchy(child, layout.unified as CgroupHierarchy, attributes(readOnly)), PLACE);
  else mountSeveral(child, layout, readOnly);
}

/** Read once for an engine: hierarchies do not come and go, and it is a long list of mounts to read. */
const layouts = new WeakMap<Gate, CgroupLayout>();

function layoutFor(gate: Gate): CgroupLayout {
  const known = layouts.get(gate) ?? readCgroupLayout();
  layouts.set(gate, known);
  return known;
}

function bindHost(child: ChildProgram, launch: Launch, path: string, readOnly: boolean): void {
  if (!hasHostSys(launch)) child.attach(child.openTree(path, { readOnly }), PLACE);
}

function attributes(readOnly: boolean): number {
  return readOnly ? HARMLESS | MOUNT_ATTR_RDONLY : HARMLESS;
}

function hostPlace({ mode, unified, hierarchies }: CgroupLayout): string {
  return mode === 'v2'
    ? (unified as CgroupHierarchy).mountpoint
    : dirname((hierarchies[0] as CgroupHierarchy).mountpoint);
}

/** Hierarchies of version 1, each below a tmpfs by the name of its mountpoint on the host, with the usual links. */
function mountSeveral(child: ChildProgram, { hierarchies }: CgroupLayout, readOnly: boolean): void {
  const { outside, inside } = child;
  const tmpfs = child.fsopen('tmpfs').set('source', 'cgroup').set('mode', '755').mount(HARMLESS);
  const mounts = hierarchies.map((hierarchy) => {
    const name = basename(hierarchy.mountpoint);
    outside.call('mkdirat', [tmpfs, name, 0o755]);
    for (const controller of linkedNames(hierarchy, name)) outside.call('symlinkat', [name, tmpfs, controller]);
    return { name, mount: newHierarchy(child, hierarchy, attributes(readOnly)) };
  });
  // Not before all names are there.
  if (readOnly) child.setAttributes(outside, tmpfs, { set: MOUNT_ATTR_RDONLY });
  child.attach(tmpfs, PLACE, { keepOpen: true });
  for (const { name, mount } of mounts) {
    inside.call('move_mount', [mount, '', tmpfs, name, MOVE_MOUNT_F_EMPTY_PATH], { note: `mount on ${PLACE}/${name}` });
    inside.call('close', [mount]);
  }
  inside.call('close', [tmpfs]);
}

/** `cpu` and `cpuacct` lead to `cpu,cpuacct`. */
function linkedNames({ version, controllers }: CgroupHierarchy, name: string): readonly string[] {
  return version === 1 && controllers.length > 1 ? controllers.filter((controller) => controller !== name) : [];
}

function newHierarchy(child: ChildProgram, { version, controllers, name }: CgroupHierarchy, flags: number): Slot {
  if (version === 2) return child.fsopen('cgroup2').set('source', 'cgroup').mount(flags);
  const hierarchy = child.fsopen('cgroup').set('source', 'cgroup');
  // Controllers and name must be those of a hierarchy that exists; a new one cannot be made from here.
  for (const controller of controllers) hierarchy.flag(controller);
  if (name) hierarchy.set('name', name);
  return hierarchy.mount(flags);
}
