import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  readonly comm: string;
  readonly state: string;
  readonly parent: number;
}

/** Undefined when it is gone. */
export function look(pid: number): Process | undefined {
  try {
    const [, comm = '', state = '', parent] =
      /\((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return { pid, comm, state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

/** All children, zombies too. */
export function childrenOf(parent: number): Process[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => look(Number(pid)) ?? []).filter((one) => one.parent === parent);
}

/** Launchers that wait. */
export const ready = (parent = process.pid) => childrenOf(parent).filter(({ comm }) => comm === 'tsbox-ready');
