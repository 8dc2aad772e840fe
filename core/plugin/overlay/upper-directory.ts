import { lstatSync } from 'node:fs';
import { hasCode } from '../../kernel/error.js';
import type { Gate } from '../../kernel/gate.js';
import { AT_FDCWD } from '../../kernel/mount.js';
import type { Launch } from '../launch.js';

/** linux/limits.h */
const XATTR_SIZE_MAX = 65536;

/**
 * Gives an upper directory the attributes of the directory that it covers: the root of an overlay
 * shows those of its topmost directory (Documentation/filesystems/overlayfs.rst).
 */
export async function adoptAttributes(launch: Launch, from: string, upper: string): Promise<void> {
  await launch.step({
    action: 'adopt',
    target: `${upper}: owner, mode and times of ${from}`,
    run: () => copyAttributes(launch, from, upper),
    dry: () => undefined,
  });
}

function copyAttributes(launch: Launch, from: string, upper: string): void {
  const { gate, host } = launch;
  const stat = lstatSync(from, { bigint: true });
  // On disk, owners are those inside. An ordinary user cannot give it away, and is root inside.
  if (host.privileged) gate.call('fchownat', AT_FDCWD, upper, Number(stat.uid), Number(stat.gid), 0);
  for (const name of listXattrs(gate, from)) copyXattr(gate, from, upper, name, host.privileged);
  gate.call('fchmodat', AT_FDCWD, upper, Number(stat.mode) & 0o7777);
  gate.call('utimensat', AT_FDCWD, upper, timespecs(stat.atimeNs, stat.mtimeNs), 0);
}

function listXattrs(gate: Gate, path: string): string[] {
  try {
    // Most directories have none; the first call only asks how long the list is.
    const list = Buffer.alloc(gate.call('llistxattr', path, null, 0));
    if (list.length === 0) return [];
    const length = gate.call('llistxattr', path, list, list.length);
    const names = list.toString('utf8', 0, length).split('\0');
    return names.filter((name) => name !== '' && !isOverlay(name));
  } catch (error) {
    if (hasCode(error, 'EOPNOTSUPP')) return [];
    throw error;
  }
}

/** Overlay's own marks say something about the directory that has them, and never come from a layer. */
function isOverlay(name: string): boolean {
  return name.startsWith('trusted.overlay.') || name.startsWith('user.overlay.');
}

function copyXattr(gate: Gate, from: string, upper: string, name: string, privileged: boolean): void {
  const value = Buffer.alloc(XATTR_SIZE_MAX);
  try {
    const length = gate.call('lgetxattr', from, name, value, value.length);
    gate.call('lsetxattr', upper, name, value, length, 0);
  } catch (error) {
    // security.* and trusted.* are for root only; the upper's file system may have no xattrs at all.
    if (hasCode(error, 'EOPNOTSUPP', 'ENODATA') || (!privileged && hasCode(error, 'EPERM', 'EACCES'))) return;
    throw error;
  }
}

function timespecs(...nanoseconds: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(nanoseconds.length * 16);
  for (const [index, time] of nanoseconds.entries()) {
    const remainder = ((time % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    bytes.writeBigInt64LE((time - remainder) / 1_000_000_000n, index * 16);
    bytes.writeBigInt64LE(remainder, index * 16 + 8);
  }
  return bytes;
}
