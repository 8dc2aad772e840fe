import {
  AT_FDCWD,
  AT_RECURSIVE,
  type ChildProgram,
  Memory,
  MOUNT_ATTR_SIZE,
  MS_PRIVATE,
} from '../../core/plugin/index.js';

/**
 * Before the first mount: nothing that the container mounts reaches the host, and nothing that the
 * host mounts later appears in the container. systemd makes `/` shared, so a copy of the mount
 * namespace alone is not enough (mount_namespaces(7)).
 */
export function recordPrivatePropagation(child: ChildProgram): void {
  const attributes = new Memory(MOUNT_ATTR_SIZE, 'private');
  attributes.u64(16, BigInt(MS_PRIVATE));
  child.outside.call('mount_setattr', [AT_FDCWD, '/', AT_RECURSIVE, attributes, MOUNT_ATTR_SIZE], {
    note: 'all mounts private',
    hint: 'mount_setattr(2) needs Linux 5.12',
  });
}
