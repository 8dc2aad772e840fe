import { closeSync, openSync, readSync } from 'node:fs';
import { openInRoot } from '../image/open-in-root.js';
import { hasCode } from '../kernel/error.js';
import { O_NOCTTY, O_NONBLOCK, O_PATH, O_RDONLY, S_IFMT, S_IFREG } from '../kernel/fcntl.js';
import type { Gate } from '../kernel/gate.js';
import { statusOf } from '../kernel/statx.js';

/** The same as for files of images. */
const MAX_SIZE = 1 << 20;

/**
 * Reads a file of a container that runs, whose processes may put anything in its place: it is looked at
 * before it is opened, and by its descriptor, so that no FIFO, device or link of theirs is opened instead.
 * Files of /proc have no size, and are empty here: reading some of them (/proc/kmsg) waits.
 * @param root the container's root directory
 * @param warn is told why a file is not used
 * @returns undefined where there is no such file, or none that can be used
 */
export function readContainerFile(
  gate: Gate,
  root: number,
  path: string,
  warn: (message: string) => void,
): string | undefined {
  let pinned: number;
  try {
    pinned = openInRoot(gate, root, path, O_PATH);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    // A link that goes round in circles, or is a magic one.
    return unused(path, (error as Error).message, warn);
  }
  try {
    const { mode, size } = statusOf(gate, pinned);
    if ((mode & S_IFMT) !== S_IFREG) return unused(path, 'it is no regular file', warn);
    if (size > MAX_SIZE) return unused(path, `it has ${size} bytes, more than ${MAX_SIZE}`, warn);
    return size === 0 ? '' : readPinned(pinned, size);
  } finally {
    closeSync(pinned);
  }
}

function unused(path: string, why: string, warn: (message: string) => void): undefined {
  warn(`the container's ${path} is not used: ${why}`);
}

function readPinned(pinned: number, size: number): string {
  const file = openSync(`/proc/self/fd/${pinned}`, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  try {
    const bytes = Buffer.alloc(size);
    let length = 0;
    for (let read = -1; read !== 0 && length < size; length += read)
      read = readSync(file, bytes, length, size - length, length);
    return bytes.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
}
