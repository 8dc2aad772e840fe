import { closeSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasCode } from './error.js';
import type { Gate } from './gate.js';
import { AT_FDCWD, MNT_DETACH, MOVE_MOUNT_F_EMPTY_PATH, OPEN_TREE_CLOEXEC, OPEN_TREE_CLONE } from './mount.js';

/**
 * Keeps a namespace when its last process has gone, by a mount of it on a file that is made: namespaces(7). For
 * what can only be taken back inside; whoever pins it journals {@link unpinNamespace} first.
 * @param namespace `/proc/PID/ns/net`
 */
export function pinNamespace(gate: Gate, namespace: string, file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, '', { mode: 0o600 });
  const tree = gate.call('open_tree', AT_FDCWD, namespace, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  try {
    gate.call('move_mount', tree, '', AT_FDCWD, file, MOVE_MOUNT_F_EMPTY_PATH);
  } finally {
    closeSync(tree);
  }
}

/** Whether it is there yet: not after a reboot, nor when somebody unmounted it. */
export function isPinned(file: string): boolean {
  const place = statSync(file, { throwIfNoEntry: false });
  return place !== undefined && place.dev !== statSync(dirname(file)).dev;
}

/** What is missing of it is success. */
export function unpinNamespace(gate: Gate, file: string): void {
  try {
    gate.call('umount2', file, MNT_DETACH);
  } catch (error) {
    // EINVAL: nothing is mounted there.
    if (!hasCode(error, 'EINVAL', 'ENOENT')) throw error;
  }
  rmSync(file, { force: true });
}
