import { closeSync, openSync, unlinkSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { hasCode } from './error.js';
import type { Gate } from './gate.js';

const AF_UNIX = 1;
const SOCK_STREAM_CLOEXEC = 0x80001;
/** Clients that nobody has accepted yet; the kernel lowers it to net.core.somaxconn. */
const BACKLOG = 4096;
/** sun_path has 108 bytes, one of them for the NUL: unix(7). */
const LONGEST_PATH = 107;

/**
 * A listening stream socket at `path`, close-on-exec; a socket that a dead process left there is replaced.
 * @throws SyscallError
 */
export function listenUnix(gate: Gate, path: string): number {
  return withSocketPath(path, (short) => {
    const fd = gate.call('socket', AF_UNIX, SOCK_STREAM_CLOEXEC, 0);
    try {
      bind(gate, fd, short);
      gate.call('listen', fd, BACKLOG);
      return fd;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  });
}

function bind(gate: Gate, fd: number, path: string): void {
  const address = Buffer.from(`\x01\0${path}\0`);
  try {
    gate.call('bind', fd, address, address.length);
  } catch (error) {
    if (!hasCode(error, 'EADDRINUSE')) throw error;
    unlinkSync(path);
    gate.call('bind', fd, address, address.length);
  }
}

/** Calls `use` with a path of the same socket that fits into an address: long ones go through their open directory. */
function withSocketPath<Result>(path: string, use: (short: string) => Result): Result {
  const opened = openSocketPath(path);
  try {
    return use(opened.path);
  } finally {
    opened.close();
  }
}

/** The same for a caller who needs it for longer. @throws Error ENOENT where the directory is not there */
export function openSocketPath(path: string): { readonly path: string; close(): void } {
  if (Buffer.byteLength(path) <= LONGEST_PATH) return { path, close: () => {} };
  const directory = openSync(dirname(path), 'r');
  return { path: `/proc/self/fd/${directory}/${basename(path)}`, close: () => closeSync(directory) };
}
