import { closeSync, ftruncateSync, linkSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import {
  type DoneLine,
  type JournalEntry,
  type JournalHeader,
  journalPath,
  markOwner,
  type OwnerLine,
  removeIfThere,
  TEMPORARY_PREFIX,
  unmarkOwner,
} from './journal-file.js';
import { identify, type ProcessIdentity } from './process-identity.js';
import { storageError } from './storage-error.js';

export { type JournalEntry, type JournalHeader, readJournal } from './journal-file.js';

/** The owner of what nobody takes care of any more; no process has this identity. */
const NOBODY: ProcessIdentity = { pid: 0, startTime: '0', bootId: '' };

/**
 * The record of what one launch acquired on the host: a line before each acquisition, a line after
 * each undoing. Written without fsync: it must survive the engine, not the machine, and what it
 * lists does not survive a reboot either.
 */
export class Journal {
  readonly path: string;
  readonly #fd: number;
  readonly #open = new Map<number, JournalEntry>();
  #next = 0;
  #size: number;
  #owner: number;

  /** @throws EEXIST when the container has one; TsboxError when it cannot be written */
  constructor(runroot: string, container: string) {
    this.path = journalPath(runroot, container);
    const { pid, startTime, bootId } = identify(process.pid);
    const header: JournalHeader = { version: 1, container, owner: { pid, startTime, bootId } };
    const bytes = Buffer.from(`${JSON.stringify(header)}\n`);
    this.#size = bytes.length;
    this.#owner = pid;
    try {
      this.#fd = openNew(this.path, bytes);
    } catch (error) {
      throw explained(error, this.path);
    }
  }

  /** Writes an acquisition ahead of it. @throws TsboxError when it cannot be written: nothing may be acquired then */
  acquire(entry: Omit<JournalEntry, 'seq'>): JournalEntry {
    const written = { seq: this.#next++, ...entry };
    this.#write(written);
    this.#open.set(written.seq, written);
    return written;
  }

  /** Notes that an acquisition was taken back. Where that cannot be written it will be taken back twice, which is harmless. */
  release(entry: JournalEntry): void {
    this.#open.delete(entry.seq);
    try {
      this.#write({ done: entry.seq });
    } catch (error) {
      if (!hasCode(error, 'ERR_TSBOX_STATE')) throw error;
    }
  }

  /** What is still held, newest first. */
  get held(): JournalEntry[] {
    return [...this.#open.values()].reverse();
  }

  /** Makes another process the owner: what is held is undone when that one has died, not before. */
  giveTo(owner: ProcessIdentity): void {
    const { pid, startTime, bootId } = owner;
    try {
      markOwner(this.path, pid);
    } catch (error) {
      throw explained(error, this.path);
    }
    this.#write({ owner: { pid, startTime, bootId } });
    if (this.#owner !== pid) unmarkOwner(this.path, this.#owner);
    this.#owner = pid;
  }

  /** Nothing is held any more, or what is left belongs to the container's record. */
  close(): void {
    try {
      // A mark without a journal is nothing; a journal without a mark is found by `gc` only.
      removeIfThere(this.path);
      unmarkOwner(this.path, this.#owner);
    } catch (error) {
      this.giveUp();
      throw explained(error, this.path);
    }
    closeSync(this.#fd);
  }

  /** Leaves the file: it is another process's now. */
  abandon(): void {
    closeSync(this.#fd);
  }

  /** Leaves the file to `gc`, though this process goes on: something could not be undone. */
  giveUp(): void {
    try {
      this.giveTo(NOBODY);
    } finally {
      closeSync(this.#fd);
    }
  }

  /** All of a line or none of it: half of one would spoil the next. */
  #write(line: JournalEntry | DoneLine | OwnerLine): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      writeWhole(this.#fd, bytes);
      this.#size += bytes.length;
    } catch (error) {
      ftruncateSync(this.#fd, this.#size);
      throw explained(error, this.path);
    }
  }
}

function explained(error: unknown, path: string): unknown {
  // mkdir -p where a file is.
  if (hasCode(error, 'EEXIST') && (error as { syscall?: unknown }).syscall === 'mkdir')
    return storageError(Object.assign(new Error('not a directory'), { code: 'ENOTDIR', cause: error }), path);
  return storageError(error, path) ?? error;
}

/** A file system that is nearly full takes a part, and says so only by the count. */
function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

/**
 * Makes a journal that has its header from the first moment at which others see it: one without would
 * look like a damaged one. @throws EEXIST when the container has one
 */
function openNew(path: string, header: Uint8Array): number {
  const temporary = join(dirname(path), `${TEMPORARY_PREFIX}${process.pid}-${basename(path)}`);
  const fd = openTemporary(temporary);
  let [marked, linked] = [false, false];
  try {
    writeWhole(fd, header);
    marked = markOwner(path, process.pid);
    linkSync(temporary, path);
    linked = true;
    unlinkSync(temporary);
    return fd;
  } catch (error) {
    closeSync(fd);
    if (marked) unmarkOwner(path, process.pid);
    if (linked) removeIfThere(path);
    removeIfThere(temporary);
    throw error;
  }
}

function openTemporary(path: string): number {
  try {
    return openSync(path, 'ax', 0o600);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openSync(path, 'ax', 0o600);
  }
}
