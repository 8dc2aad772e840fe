import { hasCode } from '../kernel/error.js';
import { O_CLOEXEC, openHow, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from '../kernel/fcntl.js';
import type { Gate } from '../kernel/gate.js';

const MAX_TRIES = 64;

/**
 * Opens a path as if the directory `root` were `/`, by openat2(2): no link leads out of it.
 * @param path text, or bytes with their NUL
 * @param resolve further RESOLVE_* flags
 * @returns a descriptor that the caller closes
 * @throws SyscallError
 */
export function openInRoot(gate: Gate, root: number, path: string | Uint8Array, flags: number, resolve = 0): number {
  const how = openHow(flags | O_CLOEXEC, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve);
  for (let tries = 1; ; tries++) {
    try {
      return gate.call('openat2', root, path, how, how.length);
    } catch (error) {
      // A rename anywhere on the machine while ".." is resolved: the man page says to try again.
      if (!hasCode(error, 'EAGAIN', 'EINTR') || tries === MAX_TRIES) throw error;
    }
  }
}
