import type { Gate } from './gate.js';

const POLLERR = 0x8;
const POLLHUP = 0x10;
const NO_SIGNALS = null;
const SIGSET_SIZE = 8;

/** Whether nobody reads any more what is written to a pipe, a socket or a terminal: poll(2). */
export function isReaderGone(gate: Gate, fd: number): boolean {
  // struct pollfd: fd, events, revents. Errors are reported unasked.
  const entry = Buffer.alloc(8);
  entry.writeInt32LE(fd, 0);
  const atOnce = Buffer.alloc(16);
  const ready = gate.attempt('ppoll', entry, 1, atOnce, NO_SIGNALS, SIGSET_SIZE);
  return ready === 1 && (entry.readInt16LE(6) & (POLLERR | POLLHUP)) !== 0;
}
