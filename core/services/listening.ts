import { readFileSync } from 'node:fs';
import { hasCode } from '../kernel/error.js';

/** TCP_LISTEN of net/tcp_states.h. */
const LISTEN = '0A';

/**
 * Whether a connection to a TCP port would be accepted in the network namespace of a process. The kernel
 * itself completes the handshake for any listening socket, so its table (proc_pid_net(5)) says the same as
 * a connect would; no process enters the namespace, it works for ordinary users, and whatever address it
 * listens on is found.
 */
export function isListening(pid: number, port: number): boolean {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['tcp', 'tcp6'].some((table) =>
    rows(`/proc/${pid}/net/${table}`).some((row) => {
      const [, local, , state] = row.trim().split(/\s+/);
      return state === LISTEN && (local?.endsWith(wanted) ?? false);
    }),
  );
}

/** Without its heading; nothing where the process has ended, or the kernel has no IPv6. */
function rows(path: string): string[] {
  try {
    return readFileSync(path, 'latin1').split('\n').slice(1);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EINVAL')) return [];
    throw error;
  }
}
