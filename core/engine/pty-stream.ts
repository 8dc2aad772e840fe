import type { ReadStream } from 'node:tty';
import { hasCode } from '../kernel/error.js';

/**
 * A stream over the master of a pty. When the last process closes the terminal, reading gives EIO, unless the
 * event loop sees the hangup before it reads: for a pty both are its end, and so they are here.
 */
export function openPtyStream(master: number): ReadStream {
  const tty = process.getBuiltinModule('node:tty');
  class PtyStream extends tty.ReadStream {
    override destroy(error?: Error): this {
      if (!isEndOfPty(error) || this.readableEnded) return super.destroy(error);
      this.push(null);
      // Whoever does not read it any more does not see its end.
      if (this.readableFlowing !== true) this.read(0);
      return this;
    }
  }
  const stream = new PtyStream(master);
  // A write after the end is no error of the caller's.
  stream.on('error', () => stream.destroy());
  return stream;
}

function isEndOfPty(error: unknown): boolean {
  return hasCode(error, 'EIO') && (error as NodeJS.ErrnoException).syscall === 'read';
}
