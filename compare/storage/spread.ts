import { closeSync, openSync } from 'node:fs';
import type { Gate } from '../../core/kernel/gate.js';

const FS_IOC_GETFLAGS = 0x80086601;
const FS_IOC_SETFLAGS = 0x40086602;
const FS_TOPDIR_FL = 0x00020000;

/**
 * Says that the directories in a directory have nothing to do with each other, as `chattr +T` does: ext4 puts them
 * into different places of the disk then. All others do not know that, and nothing is lost.
 *
 * Without a journal ext4 does not use the inode of a removed file for a minute, and looks at each of those in the
 * same place whenever a file is made. Where thousands are made and removed again and again, making one takes 25 times
 * as long then, and it is that search which is measured.
 */
export function spreadBelow(gate: Gate, directory: string): void {
  const fd = openSync(directory, 'r');
  try {
    const flags = Buffer.alloc(8);
    if (gate.attempt('ioctl', fd, FS_IOC_GETFLAGS, flags) < 0) return;
    flags.writeUInt32LE((flags.readUInt32LE() | FS_TOPDIR_FL) >>> 0);
    gate.attempt('ioctl', fd, FS_IOC_SETFLAGS, flags);
  } finally {
    closeSync(fd);
  }
}
