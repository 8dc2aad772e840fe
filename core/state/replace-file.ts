import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import { isFull, storageError } from './storage-error.js';

/**
 * Replaces a JSON file by temporary file and rename(2): whoever reads it finds the old one or the new one, whole.
 * On a full disk an old one is overwritten instead, if the new one fits into its blocks: the end of a
 * container is worth more than the atomicity of writing it down.
 * @param durable syncs the file and its directory: it survives a power cut from here on
 * @throws TsboxError ERR_TSBOX_STATE, naming the file; the old one is then as it was
 */
export function replaceFile(directory: string, name: string, content: object, durable: boolean): void {
  const path = join(directory, name);
  const bytes = Buffer.from(`${JSON.stringify(content)}\n`);
  try {
    writeBeside(directory, name, bytes, durable);
  } catch (error) {
    if (isFull(error) && overwrite(path, bytes)) return;
    throw storageError(error, path) ?? error;
  }
}

function writeBeside(directory: string, name: string, bytes: Uint8Array, durable: boolean): void {
  const temporary = join(directory, `.${name}.${process.pid}`);
  try {
    withFile(temporary, 'w', (fd) => {
      writeWhole(fd, bytes, 0);
      if (durable) fsyncSync(fd);
    });
    renameSync(temporary, join(directory, name));
  } catch (error) {
    removeQuietly(temporary);
    throw error;
  }
  if (durable) syncDirectory(directory);
}

/** A rename is on disk when its directory is: fsync(2). */
export function syncDirectory(path: string): void {
  withFile(path, 'r', (fd) => fsyncSync(fd));
}

/** What was written to a file earlier is on disk from here on. One that is not there has nothing to lose. */
export function syncIfThere(path: string): void {
  try {
    withFile(path, 'r', (fd) => fsyncSync(fd));
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'EISDIR')) throw storageError(error, path) ?? error;
  }
}

/** @returns false when there is no room for it either; the file then says what it said */
function overwrite(path: string, bytes: Uint8Array): boolean {
  try {
    withFile(path, 'r+', (fd) => {
      const { size } = fstatSync(fd);
      reserve(fd, size, bytes.length);
      writeWhole(fd, bytes, 0);
      ftruncateSync(fd, bytes.length);
      fsyncSync(fd);
    });
    return true;
  } catch {
    return false;
  }
}

/** Spaces behind the end, which JSON allows: a disk that has no room for them leaves the file as it was. */
function reserve(fd: number, size: number, wanted: number): void {
  if (wanted <= size) return;
  try {
    writeWhole(fd, Buffer.alloc(wanted - size, ' '), size);
  } catch (error) {
    ftruncateSync(fd, size);
    throw error;
  }
}

/** A disk that is nearly full takes a part of it, and says so only by the count. */
function writeWhole(fd: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, position + at);
}

function withFile(path: string, flags: 'r' | 'r+' | 'w', use: (fd: number) => void): void {
  const fd = openSync(path, flags, 0o600);
  try {
    use(fd);
  } finally {
    closeSync(fd);
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It was not made, or the store is read-only: the first error says more.
  }
}
