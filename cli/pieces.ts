import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { hasCode } from '../core/kernel/error.js';
import { TsboxError } from '../core/plugin/error.js';

const STDOUT = 1;
const PAUSE_MS = 5;

/** Writes an archive to stdout. A reader that goes away ends it. @returns false then */
export async function writeToStdout(pieces: AsyncIterable<Buffer>): Promise<boolean> {
  for await (const piece of pieces) {
    for (let rest = piece; rest.length > 0; ) {
      const written = tryWrite(rest);
      if (written === undefined) return false;
      if (written === 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      rest = rest.subarray(written);
    }
  }
  return true;
}

/** Writes an archive to a file, which is there when it is whole. @throws TsboxError for what is no file */
export async function writeToFile(file: string, pieces: AsyncIterable<Buffer>): Promise<void> {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found && !found.isFile()) throw noFile(file, found.isDirectory());
  const path = found ? realpathSync(file) : file;
  const temporary = `${path}.tsbox-${process.pid}`;
  const fd = openSync(temporary, 'wx', 0o600);
  try {
    try {
      for await (const piece of pieces) for (let at = 0; at < piece.length; ) at += writeSync(fd, piece, at);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function noFile(path: string, isDirectory: boolean): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot write to ${path}`,
    why: isDirectory ? 'it is a directory' : 'it is no regular file',
    fix: 'give the name of a file, or redirect stdout',
  });
}

/** @throws TsboxError where stdout is a terminal */
export function refuseTerminal(): void {
  if (!process.getBuiltinModule('node:tty').isatty(STDOUT)) return;
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: 'cannot write an archive to a terminal',
    why: 'it is no text',
    fix: ['-o FILE writes it to a file', 'or redirect stdout'],
  });
}

/** Bytes written, 0 while the reader is slow, undefined when it is gone. */
function tryWrite(bytes: Buffer): number | undefined {
  try {
    return writeSync(STDOUT, bytes);
  } catch (error) {
    if (hasCode(error, 'EAGAIN')) return 0;
    if (hasCode(error, 'EPIPE')) return undefined;
    throw error;
  }
}
