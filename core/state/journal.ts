import { closeSync, fstatSync, linkSync, mkdirSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import type { JsonObject } from '../plugin/launch.js';
import { identify, type ProcessIdentity } from './process-identity.js';

export interface JournalHeader {
  readonly version: 1;
  readonly container: string;
  readonly owner: ProcessIdentity;
}

/** One acquisition: who made it, and how anyone can take it back. */
export interface JournalEntry {
  readonly seq: number;
  readonly plugin: string;
  /** Where that plugin was loaded from; undefined for a built-in one. */
  readonly module?: string;
  readonly kind: string;
  readonly args: JsonObject;
  /** Stays when the container stays: its directory, its name. */
  readonly keep?: boolean;
}

export const JOURNAL_SUFFIX = '.jsonl';
/** Of a journal that is being made; the pid of who makes it follows. */
export const TEMPORARY_PREFIX = '.making-';

interface DoneLine {
  readonly done: number;
}

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

  /** @param module maps a plugin's name to where it was loaded from. */
  constructor(runroot: string, container: string) {
    this.path = join(runroot, 'journal', `${container}${JOURNAL_SUFFIX}`);
    const header: JournalHeader = { version: 1, container, owner: identify(process.pid) };
    this.#fd = openNew(this.path, `${JSON.stringify(header)}\n`);
  }

  /** Writes an acquisition ahead of it. */
  acquire(entry: Omit<JournalEntry, 'seq'>): JournalEntry {
    const written = { seq: this.#next++, ...entry };
    this.#write(written);
    this.#open.set(written.seq, written);
    return written;
  }

  /** Notes that an acquisition was taken back. */
  release(entry: JournalEntry): void {
    this.#write({ done: entry.seq });
    this.#open.delete(entry.seq);
  }

  /** What is still held, newest first. */
  get held(): JournalEntry[] {
    return [...this.#open.values()].reverse();
  }

  /** Nothing is held any more, or what is left belongs to the container's record. */
  close(): void {
    closeSync(this.#fd);
    try {
      unlinkSync(this.path);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }

  /** Leaves the file for `gc`: something could not be undone. */
  abandon(): void {
    closeSync(this.#fd);
  }

  #write(line: JournalEntry | DoneLine): void {
    writeSync(this.#fd, `${JSON.stringify(line)}\n`);
  }
}

/**
 * A journal as another process finds it. A last line that was cut by a crash is ignored.
 * @param fd a descriptor of it: the path may be gone by now
 */
export function readJournal(fd: number): { header: JournalHeader | undefined; held: JournalEntry[] } {
  const open = new Map<number, JournalEntry>();
  let header: JournalHeader | undefined;
  for (const line of parseLines(wholeText(fd))) {
    if ('owner' in line) header = line;
    else if ('done' in line) open.delete(line.done);
    else open.set(line.seq, line);
  }
  return { header, held: [...open.values()].reverse() };
}

/** From its beginning, wherever an earlier reading ended. */
function wholeText(fd: number): string {
  const bytes = Buffer.alloc(fstatSync(fd).size);
  return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
}

function* parseLines(text: string): Generator<JournalHeader | JournalEntry | DoneLine> {
  for (const line of text.split('\n')) {
    if (line === '') continue;
    try {
      yield JSON.parse(line);
    } catch {
      return;
    }
  }
}

/**
 * Makes a journal that has its header from the first moment at which others see it: one without would
 * look like that of a dead engine. @throws EEXIST when the container has one
 */
function openNew(path: string, header: string): number {
  const temporary = join(dirname(path), `${TEMPORARY_PREFIX}${process.pid}-${basename(path)}`);
  const fd = openTemporary(temporary);
  try {
    writeSync(fd, header);
    linkSync(temporary, path);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  } finally {
    unlinkSync(temporary);
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
