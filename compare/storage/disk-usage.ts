import {
  constants,
  copyFileSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { hasCode } from '../../core/kernel/error.js';

/** What something takes of a file system. */
export interface DiskUsage {
  readonly bytes: number;
  readonly inodes: number;
}

const SLICE = 2000;
const SECTOR = 512;

/**
 * Blocks and inodes of trees; a file with several names counts once. No link is followed, and no mount entered:
 * what is mounted is kept somewhere else. What vanishes meanwhile is not counted.
 */
export async function treeUsage(paths: readonly string[]): Promise<DiskUsage> {
  const mounts = mountPoints();
  const seen = new Set<string>();
  let bytes = 0;
  let visited = 0;
  const pending = [...paths];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    if (++visited % SLICE === 0) await setImmediate();
    const found = ifThere(() => lstatSync(path));
    if (!found || mounts.has(path)) continue;
    const identity = `${found.dev}:${found.ino}`;
    if (seen.has(identity)) continue;
    seen.add(identity);
    bytes += found.blocks * SECTOR;
    if (found.isDirectory()) for (const name of ifThere(() => readdirSync(path)) ?? []) pending.push(join(path, name));
  }
  return { bytes, inodes: seen.size };
}

/** Bytes in use on the whole file system. Everybody who writes to it changes this. */
export function usedBytes(path: string): number {
  const { blocks, bfree, bsize } = statfsSync(path);
  return (blocks - bfree) * bsize;
}

export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** Whether files can share blocks here, which are counted for each of them then. */
export function canClone(directory: string): boolean {
  const [from, to] = [join(directory, 'clone-from'), join(directory, 'clone-to')];
  try {
    writeFileSync(from, Buffer.alloc(8192, 'x'));
    copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  } finally {
    for (const file of [from, to]) rmSync(file, { force: true });
  }
}

function mountPoints(): Set<string> {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  return new Set(lines.map((line) => line.split(' ')[4] ?? ''));
}

function ifThere<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
