import {
  type ChildProgram,
  errnoNumber,
  type Launch,
  Memory,
  MOUNT_ATTR_RDONLY,
  O_CLOEXEC,
  O_PATH,
  openHow,
  Pointer,
  PROC_SUPER_MAGIC,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_SYMLINKS,
  Slot,
} from '../../core/plugin/index.js';
import { HARMLESS, LINK_HINT } from './attributes.js';

const STATFS_SIZE = 120;
const WHOLE = 0xffff_ffff_ffff_ffffn;
const VISIBLE_HINT =
  'in a user namespace the kernel wants a sysfs without mounts over it in sight: mount_namespaces(7)';

/**
 * A proc of the container's own pid namespace. A link in its place is refused: what is written to
 * /proc, and what masks parts of it, must meet proc and nothing else (CVE-2019-16884, CVE-2023-27561).
 */
export function mountProc(child: ChildProgram): void {
  child.attach(child.procfs(), '/proc', { links: 'refuse', hint: LINK_HINT });
  expectProc(child);
}

function expectProc({ inside, root }: ChildProgram): void {
  const how = openHow(O_PATH | O_CLOEXEC, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);
  const statfs = new Memory(STATFS_SIZE, 'statfs');
  const type = new Slot('f_type');
  const proc = inside.callTo('proc', 'openat2', [root, '/proc', how, how.length]);
  inside.call('fstatfs', [proc, statfs]);
  inside.copy(new Pointer(type), statfs, 8);
  inside.expect(type, WHOLE, PROC_SUPER_MAGIC, errnoNumber('ESTALE'), { note: '/proc is proc' });
  inside.call('close', [proc]);
}

/** A sysfs that shows the container's own network devices; read-only unless it is privileged. */
export function mountSys(child: ChildProgram, launch: Launch): void {
  child.attach(sysfs(child, launch), '/sys', { links: 'refuse', hint: LINK_HINT });
}

/**
 * The kernel asks for CAP_SYS_ADMIN over the network namespace whose devices it shows (sysfs(5)): a user
 * namespace that shares the host's network can only have the host's own sysfs, with all that is mounted in it.
 */
export function hasHostSys({ namespaces }: Launch): boolean {
  return namespaces.has('user') && !namespaces.has('net');
}

function sysfs(child: ChildProgram, launch: Launch): Slot {
  if (hasHostSys(launch)) {
    const tree = child.openTree('/sys');
    child.setAttributes(child.outside, tree, { set: HARMLESS | MOUNT_ATTR_RDONLY, recursive: true });
    return tree;
  }
  const attributes = launch.spec.security.privileged ? HARMLESS : HARMLESS | MOUNT_ATTR_RDONLY;
  return child.fsopen('sysfs').set('source', 'sysfs').mount(attributes, VISIBLE_HINT);
}
