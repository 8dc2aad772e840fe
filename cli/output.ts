import { writeSync } from 'node:fs';
import { hasCode } from '../core/kernel/error.js';

const STDOUT = 1;
const STDERR = 2;

/** Writes data to stdout. `process.stdout` is not used for it: making that stream costs milliseconds. */
export function print(text: string): void {
  writeAll(STDOUT, text);
}

/** Writes a message to stderr. One to a terminal that has hung up reaches nobody, and stops nothing. */
export function printError(text: string): void {
  try {
    writeAll(STDERR, text);
  } catch (error) {
    if (!hasCode(error, 'EIO')) throw error;
  }
}

function writeAll(fd: number, text: string): void {
  writeBytes(fd, Buffer.from(text));
}

/** Writes all of it. @returns false when nobody reads any more, as behind `| head`: that is no failure of ours */
export function writeBytes(fd: number, bytes: Uint8Array): boolean {
  for (let rest = bytes; rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (hasCode(error, 'EPIPE')) return false;
      if (!hasCode(error, 'EAGAIN')) throw error;
      waitAMoment();
    }
  }
  return true;
}

/** The pipe is full, and somebody made it non-blocking: sleep until its reader had time. */
function waitAMoment(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

/** Whether to colour what goes to a descriptor: https://no-color.org, FORCE_COLOR, a terminal. */
export function wantsColor(fd: number, environment: NodeJS.ProcessEnv): boolean {
  if (environment.NO_COLOR) return false;
  if (environment.FORCE_COLOR !== undefined) return environment.FORCE_COLOR !== '0';
  return environment.TERM !== 'dumb' && process.getBuiltinModule('node:tty').isatty(fd);
}
