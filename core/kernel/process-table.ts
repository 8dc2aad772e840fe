import { readdirSync, readFileSync } from 'node:fs';

/** One process, as /proc has it: proc_pid_stat(5), proc_pid_status(5). */
export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** The controlling terminal by its device number; 0 without one. */
  readonly terminal: number;
  /** `R`, `S`, `D`, `Z` …, and what ps(1) adds to it: `s` leads a session, `l` has threads, `+` in the foreground, `<` and `N` by priority. */
  readonly state: string;
  readonly user: { readonly real: number; readonly effective: number };
  readonly primaryGroup: { readonly real: number; readonly effective: number };
  readonly threads: number;
  readonly nice: number;
  readonly priority: number;
  /** Clock ticks (100 a second): of CPU time, and after boot. */
  readonly cpuTicks: number;
  readonly startTicks: number;
  /** Bytes. */
  readonly virtualSize: number;
  readonly residentSize: number;
  /** The name of its thread, at most 15 bytes. */
  readonly comm: string;
  /** Empty for a zombie, and for a process that has cleared it. */
  readonly args: readonly string[];
  /** Pid namespaces that it is in, counted from that of this process. */
  readonly depth: number;
  /** Its pid in the innermost of them. */
  readonly innerPid: number;
}

/** What the kernel calls USER_HZ, on every architecture that is supported here. */
export const TICKS_PER_SECOND = 100;
const KIB = 1024;

/** One process; undefined when there is none, or it ends while it is read. */
export function readProcess(pid: number): ProcessInfo | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return parseProcess(pid, stat, status, readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** All processes that this one can see. */
export function allProcesses(): ProcessInfo[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => readProcess(Number(pid)) ?? []);
}

/** The three texts of a process as one object. */
export function parseProcess(pid: number, stat: string, status: string, cmdline: string): ProcessInfo {
  // The name may contain spaces and parentheses; the fields begin after the last one.
  const end = stat.lastIndexOf(')');
  const fields = stat.slice(end + 2).split(' ');
  // Field 3 of the man page is the first of these.
  const number = (field: number) => Number(fields[field - 3]);
  const ids = (key: string) => (lineOf(status, key) ?? '').split('\t').map(Number);
  const [realUser = 0, effectiveUser = 0] = ids('Uid');
  const [realGroup = 0, effectiveGroup = 0] = ids('Gid');
  const namespaces = ids('NSpid');
  const args = cmdline.split('\0');
  return {
    pid,
    parent: number(4),
    group: number(5),
    session: number(6),
    terminal: number(7),
    state: stateOf(pid, fields[0] as string, number),
    user: { real: realUser, effective: effectiveUser },
    primaryGroup: { real: realGroup, effective: effectiveGroup },
    cpuTicks: number(14) + number(15),
    priority: number(18),
    nice: number(19),
    threads: number(20),
    startTicks: number(22),
    virtualSize: number(23),
    residentSize: Number.parseInt(lineOf(status, 'VmRSS') ?? '0', 10) * KIB,
    comm: stat.slice(stat.indexOf('(') + 1, end),
    args: args.at(-1) === '' ? args.slice(0, -1) : args,
    depth: namespaces.length,
    innerPid: namespaces.at(-1) ?? pid,
  };
}

function stateOf(pid: number, letter: string, number: (field: number) => number): string {
  const nice = number(19);
  const foreground = number(8) === number(5) && number(8) > 0;
  return [
    letter,
    nice < 0 ? '<' : nice > 0 ? 'N' : '',
    number(6) === pid ? 's' : '',
    number(20) > 1 ? 'l' : '',
    foreground ? '+' : '',
  ].join('');
}

/** The text behind `key:` of /proc/PID/status. */
function lineOf(status: string, key: string): string | undefined {
  return new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(status)?.[1];
}
