import { closeSync, fstatSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';

const LOCK_EX_NB = 2 | 4;
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 50;

/**
 * One operation at a time on a container: flock(2) on its directory, which a killed process gives up and
 * which leaves no file behind. Waiting does not block the thread. Not reentrant.
 * @param directory `<root>/containers/<id>`
 * @throws ENOENT when the container is gone, or goes while we wait
 */
export async function withContainerLock<Result>(
  gate: Gate,
  directory: string,
  act: () => Result | Promise<Result>,
): Promise<Result> {
  const fd = openSync(directory, 'r');
  try {
    await lock(gate, fd);
    // Removed by whoever had it before.
    if (fstatSync(fd).nlink === 0) throw gone(directory);
    return await act();
  } finally {
    closeSync(fd);
  }
}

async function lock(gate: Gate, fd: number): Promise<void> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      gate.call('flock', fd, LOCK_EX_NB);
      return;
    } catch (error) {
      if (!hasCode(error, 'EAGAIN', 'EWOULDBLOCK')) throw error;
    }
    await sleep(pause);
  }
}

function gone(directory: string): Error {
  return Object.assign(new Error(`${directory} is gone`), { code: 'ENOENT' });
}
