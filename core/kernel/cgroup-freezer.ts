import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCgroupFile, writeCgroupFile } from './cgroup-file.js';

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 50;

/** The freezer of one cgroup: of the v1 controller (freezer-subsystem.rst), or of v2 (cgroup-v2.rst). */
interface Freezer {
  /** Asks for it; may be repeated. */
  readonly set: (frozen: boolean) => void;
  /** What has come of it. FREEZING, the way there, is neither. */
  readonly state: () => 'frozen' | 'thawed' | 'between';
}

/** Whether every process of a cgroup is stopped by its freezer. */
export function isCgroupFrozen(directory: string): boolean {
  return freezerOf(directory).state() === 'frozen';
}

/**
 * Stops every process of a cgroup and below, new ones too, and waits until the kernel says that all of
 * them are stopped: one that sleeps uninterruptibly is not. @returns whether they are; if not, it was undone
 */
export async function freezeCgroup(directory: string, timeoutMs: number): Promise<boolean> {
  const freezer = freezerOf(directory);
  if (await reach(freezer, true, timeoutMs)) return true;
  freezer.set(false);
  return false;
}

/** Lets them go on. @returns false where they are still stopped: a cgroup above is frozen */
export function thawCgroup(directory: string, timeoutMs: number): Promise<boolean> {
  return reach(freezerOf(directory), false, timeoutMs);
}

async function reach({ set, state }: Freezer, frozen: boolean, timeoutMs: number): Promise<boolean> {
  const wanted = frozen ? 'frozen' : 'thawed';
  const deadline = now() + timeoutMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    // Again each time: the v1 freezer can miss a task that was just being born or traced.
    set(frozen);
    if (state() === wanted) return true;
    if (now() >= deadline) return false;
    await sleep(pause);
  }
}

function freezerOf(directory: string): Freezer {
  const v1 = `${directory}/freezer.state`;
  if (existsSync(v1)) {
    const states: Record<string, 'frozen' | 'thawed'> = { FROZEN: 'frozen', THAWED: 'thawed' };
    return {
      set: (frozen) => writeCgroupFile(v1, frozen ? 'FROZEN' : 'THAWED'),
      state: () => states[readCgroupFile(v1)] ?? 'between',
    };
  }
  return {
    set: (frozen) => writeCgroupFile(`${directory}/cgroup.freeze`, frozen ? '1' : '0'),
    state: () => (/^frozen 1$/m.test(readCgroupFile(`${directory}/cgroup.events`)) ? 'frozen' : 'thawed'),
  };
}

/** Milliseconds of a clock that nobody sets. */
function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
