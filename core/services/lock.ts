import { mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../engine/index.js';
import { hasCode } from '../kernel/error.js';
import { withContainerLock as withDirectoryLock } from '../state/container-lock.js';

const TELL_AFTER_MS = 1_000;

/** `<runroot>/environments/<name>`: the lock. There while the environment is. */
export function environmentDirectory(runroot: string, name: string): string {
  return join(runroot, 'environments', name);
}

/**
 * One `up` or `down` of an environment at a time. A killed process gives it up, and what it was about to make
 * is taken back first.
 * @param onWait is called when another one takes its time
 */
export async function withEnvironment<Result>(
  engine: Engine,
  name: string,
  onWait: () => void,
  act: () => Promise<Result>,
): Promise<Result> {
  const { gate, paths } = engine;
  const directory = environmentDirectory(paths.runroot, name);
  const waiting = setTimeout(onWait, TELL_AFTER_MS);
  try {
    for (;;) {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      let entered = false;
      try {
        return await withDirectoryLock(gate, directory, async () => {
          entered = true;
          clearTimeout(waiting);
          // A killed one may have left a name, a volume or an address that is in the way of what comes.
          await engine.gc();
          return act();
        });
      } catch (error) {
        // Whoever had it before has removed the directory with the environment.
        if (entered || !hasCode(error, 'ENOENT')) throw error;
      }
    }
  } finally {
    clearTimeout(waiting);
  }
}

/** Removes the directory with all that is in it, by who has the lock. */
export function forgetEnvironment(runroot: string, name: string): void {
  rmSync(environmentDirectory(runroot, name), { recursive: true, force: true });
  try {
    rmdirSync(join(runroot, 'environments'));
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTEMPTY')) throw error;
  }
}
