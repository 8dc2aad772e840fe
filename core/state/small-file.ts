import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

/** Most files of ours, and of /proc, are much smaller. */
const scratch = Buffer.allocUnsafeSlow(32 * 1024);

/**
 * The text of a file that is probably small. A list reads thousands: this asks the kernel less than
 * `readFileSync` does, and makes no buffer for each.
 */
export function readSmallFile(path: string, encoding: 'utf8' | 'latin1'): string {
  const fd = openSync(path, 'r');
  try {
    const length = readSync(fd, scratch, 0, scratch.length, null);
    if (length < scratch.length) return scratch.toString(encoding, 0, length);
  } finally {
    closeSync(fd);
  }
  return readFileSync(path, encoding);
}
