import { readSmallFile } from './small-file.js';

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks after boot: field 22 of proc_pid_stat(5). */
  readonly startTime: string;
  readonly bootId: string;
}

/** `linux/sched.h`: set before anything is taken from a process that ends, and in a zombie. */
const PF_EXITING = 0x4;

let bootId: string | undefined;
let own: ProcessIdentity | undefined;

/** The identity of a process, a zombie included. @throws when there is no such process. */
export function identify(pid: number): ProcessIdentity {
  if (pid === process.pid && own?.pid === pid) return own;
  const identity = { pid, startTime: statFields(pid).startTime, bootId: currentBoot() };
  if (pid === process.pid) own = identity;
  return identity;
}

/** The parent of a process, a zombie included; undefined when there is no such process. */
export function parentOf(pid: number): number | undefined {
  try {
    return statFields(pid).parent;
  } catch {
    return undefined;
  }
}

/** Whether two identities are of one process. */
export function isSame(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return one.pid === other.pid && one.startTime === other.startTime && one.bootId === other.bootId;
}

/** Whether exactly this process still runs; a zombie does not. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.bootId !== currentBoot()) return false;
  try {
    const { state, startTime } = statFields(identity.pid);
    return startTime === identity.startTime && state !== 'Z' && state !== 'X';
  } catch {
    return false;
  }
}

/** Whether a process is on its way out, or a zombie, or gone: what it has is being taken from it. */
export function isEnding(pid: number): boolean {
  try {
    return (statFields(pid).flags & PF_EXITING) !== 0;
  } catch {
    return true;
  }
}

function statFields(pid: number): { state: string; parent: number; flags: number; startTime: string } {
  // The command may contain spaces and parentheses; the fields begin after the last one.
  const stat = readSmallFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 20);
  return {
    state: fields[0] as string,
    parent: Number(fields[1]),
    flags: Number(fields[6]),
    startTime: fields[19] as string,
  };
}

function currentBoot(): string {
  bootId ??= readSmallFile('/proc/sys/kernel/random/boot_id').trim();
  return bootId;
}
