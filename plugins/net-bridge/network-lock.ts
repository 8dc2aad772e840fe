import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Gate, hasCode, TsboxError } from '../../core/plugin/index.js';

/**
 * One file per network namespace that only root can open, that is always there and that nobody
 * writes for another purpose: opening it does nothing. A flock on it orders all tsbox processes that
 * change bridges, leases and sysctls of this namespace, whichever runroot they have, and leaves nothing.
 */
export const LOCK_FILE = '/proc/sys/net/ipv4/route/flush';
const LOCK_EX_NB = 2 | 4;
const PATIENCE_MS = 30_000;
const LONGEST_PAUSE_MS = 15;

/**
 * Does `work` while no other tsbox process does. `work` must not wait for anything: another launch of
 * this process could then take the lock as well. @throws TsboxError when it cannot be had for 30 s
 */
export async function withNetworkLock<T>(gate: Gate, work: () => T): Promise<T> {
  const fd = openSync(LOCK_FILE, 'w');
  try {
    await lock(gate, fd);
    return work();
  } finally {
    closeSync(fd);
  }
}

async function lock(gate: Gate, fd: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      gate.call('flock', fd, LOCK_EX_NB);
      return;
    } catch (error) {
      if (!hasCode(error, 'EAGAIN', 'EINTR')) throw error;
    }
    if (performance.now() > deadline) throw tooLong();
    await sleep(1 + Math.random() * LONGEST_PAUSE_MS);
  }
}

function tooLong(): TsboxError {
  return new TsboxError('ERR_TSBOX_STATE', {
    what: 'cannot change the network',
    why: `another tsbox process has held its lock for ${PATIENCE_MS / 1000} seconds`,
    fix: `see who has it: fuser -v ${LOCK_FILE}`,
  });
}
