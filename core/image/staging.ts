import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';
import { namesIn } from '../kernel/names-in.js';

const LOCK_EX = 2;
const LOCK_NB = 4;
const POLL_MS = 25;

/**
 * Makes a directory that is either whole or not there. It is made in `.staging/<key>` under a
 * flock(2), which a killed process does not keep, and renamed; of several that want the same one,
 * in one process or many, one makes it and the others wait.
 *
 * @param images `<root>/images`
 * @param target below `images`
 * @param make fills the empty directory that it is given
 * @param isGood whether the target is there, and is taken as it is; what is there and is not good is replaced
 * @returns whether it was made by this call
 */
export async function makeOnce(
  gate: Gate,
  images: string,
  target: string,
  key: string,
  make: (directory: string) => Promise<void>,
  isGood: (target: string) => boolean = existsSync,
): Promise<boolean> {
  const staging = join(images, '.staging', key);
  const lock = await lockUnless(gate, staging, () => isGood(target));
  if (lock === undefined) {
    removeEmpty(images);
    return false;
  }
  try {
    const directory = join(staging, 'made');
    await removeTree(directory);
    await sweepStaging(gate, images);
    mkdirSync(directory);
    chmodSync(directory, 0o755);
    await make(directory);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    if (existsSync(target)) renameSync(target, join(staging, 'replaced'));
    renameSync(directory, target);
    return true;
  } finally {
    await removeTree(staging);
    closeSync(lock);
    removeEmpty(images);
  }
}

/** Removes what killed processes left half made. What a living one works on is locked, and stays. */
export async function sweepStaging(gate: Gate, images: string): Promise<void> {
  for (const key of namesIn(join(images, '.staging'))) {
    const staging = join(images, '.staging', key);
    const lock = tryLock(gate, staging);
    if (lock === undefined) continue;
    try {
      await removeTree(staging);
    } finally {
      closeSync(lock);
    }
  }
  removeEmpty(images);
}

/** Removes a tree, also one with directories that its owner, not being root, has closed. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (!hasCode(error, 'EACCES', 'EPERM', 'ENOTEMPTY')) throw error;
    await openDirectories(Buffer.from(path));
    await rm(path, { recursive: true, force: true });
  }
}

async function openDirectories(path: Buffer): Promise<void> {
  if (!(await lstat(path)).isDirectory()) return;
  await chmod(path, 0o700);
  const names = await readdir(path, { encoding: 'buffer' });
  for (const name of names) await openDirectories(Buffer.concat([path, Buffer.from('/'), name]));
}

async function lockUnless(gate: Gate, directory: string, done: () => boolean): Promise<number | undefined> {
  for (;;) {
    if (done()) return undefined;
    makeDirectory(directory);
    const lock = tryLock(gate, directory);
    if (lock !== undefined && !done()) return lock;
    if (lock !== undefined) {
      await removeTree(directory);
      closeSync(lock);
    } else {
      await sleep(POLL_MS);
    }
  }
}

/** Another process may remove an empty parent at the same moment; then it is tried again by the caller. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

/** So that a failure leaves the host as it was. What is in use is not empty, and stays. */
function removeEmpty(images: string): void {
  for (const directory of [join(images, '.staging'), images]) {
    try {
      rmdirSync(directory);
    } catch (error) {
      if (!hasCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
    }
  }
}

/** A descriptor that holds the lock, or undefined. The directory may have been replaced meanwhile. */
function tryLock(gate: Gate, directory: string): number | undefined {
  let fd: number;
  try {
    fd = openSync(directory, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    gate.call('flock', fd, LOCK_EX | LOCK_NB);
    const [mine, current] = [fstatSync(fd), statSync(directory, { throwIfNoEntry: false })];
    if (current && current.ino === mine.ino && current.dev === mine.dev) return fd;
  } catch (error) {
    if (!hasCode(error, 'EAGAIN')) {
      closeSync(fd);
      throw error;
    }
  }
  closeSync(fd);
  return undefined;
}
