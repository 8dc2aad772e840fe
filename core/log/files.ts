import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import { type LogRecord, parseEntries } from './entry.js';

/** A file of a log, open: rotation renames it, and it stays the same. */
export interface LogFile {
  readonly fd: number;
  readonly inode: bigint;
  /** Bytes, when it was opened. */
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly modified: bigint;
}

/** Larger than an entry, which is one read of the monitor (32 KiB) and its prefix. */
const BLOCK_BYTES = 128 * 1024;
const NAME = /^log(?:\.(\d+))?$/;
/** A log that rotates faster than its files can be opened is taken as it was met. */
const MOST_TRIES = 5;

/**
 * Opens all files of the log in a directory, the oldest first; none where there is no log. Synchronous, as all
 * here: a log is a local file, and `tsbox logs` would wait longer for node:fs/promises to be loaded.
 */
export function openLog(directory: string): LogFile[] {
  for (let tries = 1; ; tries++) {
    const files = openOnce(directory);
    if (tries === MOST_TRIES || currentInode(directory) === files.at(-1)?.inode) return files;
    closeLog(files);
  }
}

export function closeLog(files: readonly LogFile[]): void {
  for (const { fd } of files) closeSync(fd);
}

/** Inode of the file that is written to; undefined when there is none. */
export function currentInode(directory: string): bigint | undefined {
  return statSync(join(directory, 'log'), { bigint: true, throwIfNoEntry: false })?.ino;
}

/** The newest first: a file that is renamed meanwhile is met twice, not missed. */
function openOnce(directory: string): LogFile[] {
  const names = unlessMissing(() => readdirSync(directory)) ?? [];
  const numbers = names.flatMap((name) => {
    const match = NAME.exec(name);
    return match ? [Number(match[1] ?? 0)] : [];
  });
  const files: LogFile[] = [];
  try {
    // One more than there are: rotation adds one.
    for (let number = 0; number <= Math.max(-1, ...numbers) + 1; number++) {
      const fd = unlessMissing(() => openSync(join(directory, number === 0 ? 'log' : `log.${number}`), 'r'));
      if (fd === undefined) continue;
      const { ino: inode, size, mtimeNs } = fstatSync(fd, { bigint: true });
      if (files.some((file) => file.inode === inode)) closeSync(fd);
      else files.unshift({ fd, inode, size: Number(size), modified: mtimeNs });
    }
  } catch (error) {
    closeLog(files);
    throw error;
  }
  return files;
}

function unlessMissing<Result>(act: () => Result): Result | undefined {
  try {
    return act();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Between two pieces: others have their turn, and whoever reads may be asked to stop. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Entries of a part of a file, and where reading goes on. */
export interface LogPiece {
  readonly records: LogRecord[];
  readonly next: number;
}

/**
 * Reads the next entries.
 * @param end where to stop, at most
 * @returns undefined when there is no whole line before the end
 */
export function readPiece({ fd }: LogFile, from: number, end: number): LogPiece | undefined {
  const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, Math.max(end - from, 0)));
  const bytesRead = readSync(fd, block, 0, block.length, from);
  const { records, length } = parseEntries(block.subarray(0, bytesRead), from);
  if (length > 0) return { records, next: from + length };
  // A line that is longer than any of ours: damaged, it is passed over.
  return bytesRead === BLOCK_BYTES ? { records, next: from + bytesRead } : undefined;
}

/** Reads the entries that end before `end`, at least one line of them; `next` is where the first begins. */
export function readPieceBefore({ fd }: LogFile, end: number): LogPiece {
  const from = Math.max(0, end - BLOCK_BYTES);
  const block = Buffer.allocUnsafe(end - from);
  const bytesRead = readSync(fd, block, 0, block.length, from);
  const whole = block.subarray(0, bytesRead);
  // Except at the beginning of the file, the first line is the end of one.
  const start = from === 0 ? 0 : whole.indexOf('\n') + 1;
  const { records } = parseEntries(whole.subarray(start), from + start);
  const next = from + start;
  return { records, next: next < end ? next : from };
}
