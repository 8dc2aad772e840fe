import {
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  type ChildProgram,
  type DeviceNode,
  deviceNumber,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  type Recorder,
  S_IFCHR,
  S_IFMT,
  S_IFREG,
  type Slot,
} from '../../core/plugin/index.js';
import { expectCharacterDevice } from './device-check.js';
import type { NamedMount } from './named-mount.js';

const MKNOD_HINT = 'tsbox needs CAP_MKNOD, and a device cgroup that allows it; or a user namespace: --userns=auto';

/** Makes a node in a tmpfs that is attached nowhere. */
export function makeNode(recorder: Recorder, dev: Slot, node: DeviceNode): void {
  const { name, mode, major, minor, uid, gid } = node;
  makeParents(recorder, dev, name);
  recorder.call('mknodat', [dev, name, mode, deviceNumber(major, minor)], { note: `/dev/${name}`, hint: MKNOD_HINT });
  if (uid !== 0 || gid !== 0) recorder.call('fchownat', [dev, name, uid, gid, AT_SYMLINK_NOFOLLOW]);
}

/**
 * Takes the host's node and makes a place for it. Devices made in a user namespace would be refused,
 * and would not open: mount_namespaces(7). What has the name is checked to be the device.
 */
export function bindNode(child: ChildProgram, dev: Slot, node: DeviceNode): NamedMount {
  const { outside } = child;
  const { name, source, mode } = node;
  const hint = `the host needs its own ${source}, a device; see mknod(1)`;
  const mount = outside.callTo(name, 'open_tree', [AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC], { hint });
  if ((mode & S_IFMT) === S_IFCHR) expectCharacterDevice(outside, mount, node, { hint });
  makeParents(outside, dev, name);
  outside.call('mknodat', [dev, name, S_IFREG | 0o666, 0]);
  return { name, mount };
}

function makeParents(recorder: Recorder, dev: Slot, name: string): void {
  const parents = name.split('/').slice(0, -1);
  for (const depth of parents.keys()) {
    const path = parents.slice(0, depth + 1).join('/');
    recorder.call('mkdirat', [dev, path, 0o755], { tolerate: ['EEXIST'] });
  }
}
