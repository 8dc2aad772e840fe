import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { freezeCgroup, thawCgroup } from '../kernel/cgroup-freezer.js';
import { cgroupProcesses, killCgroups } from '../kernel/cgroup-kill.js';
import { hasCode } from '../kernel/error.js';
import { TsboxError } from './error.js';
import type { Running } from './running.js';

/** How long a process may take to stop: one that waits for a disk does so for seconds. */
const FREEZE_TIMEOUT_MS = 5000;
/** Between looks at a cgroup that was killed; three seconds together. */
const KILL_DELAYS_MS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 400, 600, 600, 1000];
/** Until processes that were stopped run again, so that those stand out that still do not. */
const SETTLE_MS = 50;
const NAMED = 5;

/** Stops all processes of a container's cgroup. @throws TsboxError naming those that do not stop; all go on then */
export async function freezeCgroupOf(directory: string, { id }: Running, timeoutMs = FREEZE_TIMEOUT_MS): Promise<void> {
  if (await freezeCgroup(directory, timeoutMs)) return;
  await sleep(SETTLE_MS);
  const stuck = cgroupProcesses(directory).filter(sleepsUninterruptibly);
  const why = stuck.length > 0 ? `the kernel cannot interrupt ${named(stuck)}` : 'not all of its processes stop';
  throw new TsboxError('ERR_TSBOX_CONTAINER_STATE', {
    what: `cannot pause container ${id.slice(0, 12)}`,
    why: `${why}; it runs on`,
    fix: 'try again when that is over: it is mostly a disk or a network file system that does not answer',
  });
}

/** Lets them go on; they may end at once, and take the cgroup along. @throws TsboxError where something above keeps them stopped */
export async function thawCgroupOf(directory: string, { id }: Running): Promise<void> {
  try {
    if (await thawCgroup(directory, FREEZE_TIMEOUT_MS)) return;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENODEV')) return;
    throw error;
  }
  throw new TsboxError('ERR_TSBOX_CONTAINER_STATE', {
    what: `cannot unpause container ${id.slice(0, 12)}`,
    why: `the kernel keeps ${directory} frozen`,
    fix: 'thaw the cgroup above it that somebody froze',
  });
}

/** Kills all processes of a container's cgroups and waits until none is left. @throws TsboxError */
export async function killCgroupsOf(directories: readonly string[], { id, gate }: Running): Promise<void> {
  let left: number[] = [];
  for (const delay of KILL_DELAYS_MS) {
    killCgroups(directories, gate);
    await sleep(delay);
    left = directories.flatMap(cgroupProcesses);
    if (left.length === 0) return;
  }
  throw new TsboxError('ERR_TSBOX_CONTAINER_STATE', {
    what: `cannot kill container ${id.slice(0, 12)}`,
    why: `${named([...new Set(left)])} got SIGKILL and does not end: the kernel waits for something`,
    fix: 'try again when that is over: it is mostly a disk or a network file system that does not answer',
  });
}

function named(pids: readonly number[]): string {
  const shown = pids.slice(0, NAMED).map((pid) => `process ${pid} (${commandOf(pid)})`);
  return pids.length > NAMED ? `${shown.join(', ')} and ${pids.length - NAMED} more` : shown.join(', ');
}

function commandOf(pid: number): string {
  return stat(pid).replace(/^\d+ \((.*)\) .*$/s, '$1');
}

/** State D of proc_pid_stat(5), field 3. */
function sleepsUninterruptibly(pid: number): boolean {
  const text = stat(pid);
  return text[text.lastIndexOf(')') + 2] === 'D';
}

/** Empty where the process is gone. */
function stat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return '';
  }
}
