import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../kernel/error.js';
import { openSocketPath } from '../kernel/unix-socket.js';

/** The queue of the socket is full, of thousands who wait: another look after a while. */
const BUSY_PAUSE_MS = 100;

/**
 * Waits until a monitor has recorded the end of its run. It never takes the connection; the kernel ends
 * it when the monitor closes the socket, or dies. Returns at once when there is no such socket, or nobody
 * has it; and when the signal is aborted.
 */
export async function waitForEnd(alivePath: string, signal?: AbortSignal): Promise<void> {
  while (!signal?.aborted && !(await connectionEnded(alivePath, signal))) await sleep(BUSY_PAUSE_MS);
}

/** False when the socket has no room for one more who waits. */
async function connectionEnded(path: string, signal: AbortSignal | undefined): Promise<boolean> {
  let short: ReturnType<typeof openSocketPath>;
  try {
    short = openSocketPath(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return true;
    throw error;
  }
  const socket = process.getBuiltinModule('node:net').connect(short.path);
  try {
    return await ended(socket, signal);
  } finally {
    socket.destroy();
    short.close();
  }
}

function ended(socket: Socket, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(true);
    socket.on('error', (error) => {
      if (hasCode(error, 'EAGAIN')) resolve(false);
      // ECONNRESET: it was closed with our connection in its queue.
      else if (hasCode(error, 'ENOENT', 'ECONNREFUSED', 'ECONNRESET')) resolve(true);
      else reject(error);
    });
    socket.on('close', () => {
      signal?.removeEventListener('abort', abort);
      resolve(true);
    });
    socket.resume();
    signal?.addEventListener('abort', abort, { once: true });
  });
}
