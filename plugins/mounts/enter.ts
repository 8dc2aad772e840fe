import {
  AT_FDCWD,
  type ChildProgram,
  type Launch,
  MNT_DETACH,
  MOVE_MOUNT_F_EMPTY_PATH,
  Pointer,
  TsboxError,
} from '../../core/plugin/index.js';

const PIVOT_HINT = 'pivot_root(2) refuses a machine whose root is an initramfs, and a caller inside a chroot';

/** From the host's tree into the rootfs, which is `/` afterwards; the host's tree is gone. */
export function enterRootfs(child: ChildProgram, launch: Launch): void {
  const root = child.shared.rootMount;
  if (!root || launch.rootfs === undefined) throw noRootfs(launch.spec.drivers.storage);
  const { enter } = child;
  // A path of the host is good enough here: this directory is tsbox's own, no container can reach it.
  enter.call('move_mount', [root, '', AT_FDCWD, child.hostPath(launch.rootfs), MOVE_MOUNT_F_EMPTY_PATH], {
    note: 'attach the rootfs',
  });
  enter.call('fchdir', [root]);
  // pivot_root(2): with "." for both, the old root is stacked on the new one, and "." finds it there.
  enter.call('pivot_root', ['.', '.'], { hint: PIVOT_HINT });
  // At once: as long as it is there, a ".." of a link in the image could climb onto it.
  // The userns driver's trees were stacked on the host's `/`, so "." finds them first.
  if (child.shared.moved)
    enter.call('umount2', ['.', MNT_DETACH], { note: 'the trees that the engine opened are gone' });
  enter.call('umount2', ['.', MNT_DETACH], { note: 'the host is gone' });
  enter.copy(new Pointer(child.root), new Pointer(root), 8);
}

function noRootfs(storage: string): TsboxError {
  return new TsboxError('ERR_TSBOX_PLUGIN', {
    what: 'the container has no rootfs',
    why: `storage driver "${storage}" recorded none, or records after the plugin "mounts"`,
    fix: 'a storage driver sets launch.rootfs in prepare() and calls child.rootfs() in record()',
  });
}
