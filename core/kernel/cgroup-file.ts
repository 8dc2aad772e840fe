import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs';
import { hasCode } from './error.js';

/** Reads a file of a cgroup, without its last newline. */
export function readCgroupFile(path: string): string {
  return readFileSync(path, 'utf8').trimEnd();
}

/** The same; undefined where the kernel lacks the file, or the cgroup is gone. */
export function readCgroupFileIfThere(path: string): string | undefined {
  try {
    return readCgroupFile(path);
  } catch (error) {
    // ENODEV: the cgroup is dying. EOPNOTSUPP: the kernel has the file, but not what it would say.
    if (hasCode(error, 'ENOENT', 'ENODEV', 'EOPNOTSUPP')) return undefined;
    throw error;
  }
}

/** Writes each value by a write(2) of its own: the kernel takes one rule or number at a time. */
export function writeCgroupFile(path: string, ...values: string[]): void {
  // Without O_CREAT, so that a missing file is ENOENT and not the EACCES of a refused creation.
  const fd = openSync(path, constants.O_WRONLY);
  try {
    for (const value of values) writeSync(fd, value);
  } finally {
    closeSync(fd);
  }
}
