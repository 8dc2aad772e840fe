import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import { type LogRecord, parseEntries } from './entry.js';

/** A file of a log, open: rotation renames it, and it stays the same. */
export interface LogFile {
  readonly handle: FileHandle;
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

/** Opens all files of the log in a directory, the oldest first; none where there is no log. */
export async function openLog(directory: string): Promise<LogFile[]> {
  for (let tries = 1; ; tries++) {
    const files = await openOnce(directory);
    if (tries === MOST_TRIES || (await currentInode(directory)) === files.at(-1)?.inode) return files;
    await closeLog(files);
  }
}

export async function closeLog(files: readonly LogFile[]): Promise<void> {
  for (const { handle } of files) await handle.close();
}

/** Inode of the file that is written to; undefined when there is none. */
export async function currentInode(directory: string): Promise<bigint | undefined> {
  return (await unlessMissing(stat(join(directory, 'log'), { bigint: true })))?.ino;
}

/** The newest first: a file that is renamed meanwhile is met twice, not missed. */
async function openOnce(directory: string): Promise<LogFile[]> {
  const names = (await unlessMissing(readdir(directory))) ?? [];
  const numbers = names.flatMap((name) => {
    const match = NAME.exec(name);
    return match ? [Number(match[1] ?? 0)] : [];
  });
  const files: LogFile[] = [];
  try {
    // One more than there are: rotation adds one.
    for (let number = 0; number <= Math.max(-1, ...numbers) + 1; number++) {
      const handle = await unlessMissing(open(join(directory, number === 0 ? 'log' : `log.${number}`), 'r'));
      if (!handle) continue;
      const { ino: inode, size, mtimeNs } = await handle.stat({ bigint: true });
      if (files.some((file) => file.inode === inode)) await handle.close();
      else files.unshift({ handle, inode, size: Number(size), modified: mtimeNs });
    }
  } catch (error) {
    await closeLog(files);
    throw error;
  }
  return files;
}

async function unlessMissing<Result>(promise: Promise<Result>): Promise<Result | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
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
export async function readPiece({ handle }: LogFile, from: number, end: number): Promise<LogPiece | undefined> {
  const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, Math.max(end - from, 0)));
  const { bytesRead } = await handle.read(block, 0, block.length, from);
  const { records, length } = parseEntries(block.subarray(0, bytesRead), from);
  if (length > 0) return { records, next: from + length };
  // A line that is longer than any of ours: damaged, it is passed over.
  return bytesRead === BLOCK_BYTES ? { records, next: from + bytesRead } : undefined;
}

/** Reads the entries that end before `end`, at least one line of them; `next` is where the first begins. */
export async function readPieceBefore({ handle }: LogFile, end: number): Promise<LogPiece> {
  const from = Math.max(0, end - BLOCK_BYTES);
  const block = Buffer.allocUnsafe(end - from);
  const { bytesRead } = await handle.read(block, 0, block.length, from);
  const whole = block.subarray(0, bytesRead);
  // Except at the beginning of the file, the first line is the end of one.
  const start = from === 0 ? 0 : whole.indexOf('\n') + 1;
  const { records } = parseEntries(whole.subarray(start), from + start);
  const next = from + start;
  return { records, next: next < end ? next : from };
}
