import { type ProcessInfo, TICKS_PER_SECOND } from '../core/kernel/process-table.js';

/** What columns need beside the process itself. */
export interface PsContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly bootTime: number;
  /** Bytes. */
  readonly memory: number;
  /** Names of the host, by id. */
  readonly users: ReadonlyMap<number, string>;
  readonly groups: ReadonlyMap<number, string>;
}

interface Column {
  readonly header: string;
  readonly value: (process: ProcessInfo, context: PsContext) => string | number;
}

const KIB = 1024;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const user = (header: string, kind: 'real' | 'effective'): Column => ({
  header,
  value: (process, { users }) => users.get(process.user[kind]) ?? process.user[kind],
});
const group = (header: string, kind: 'real' | 'effective'): Column => ({
  header,
  value: (process, { groups }) => groups.get(process.primaryGroup[kind]) ?? process.primaryGroup[kind],
});
const plain = (header: string, value: (process: ProcessInfo) => string | number): Column => ({ header, value });
const comm = (header: string) => plain(header, (process) => printable(process.comm));
const args = (header: string) => plain(header, commandLine);
const time = (header: string) => plain(header, (process) => formatTime(cpuSeconds(process)));
const tty = plain('TTY', ({ terminal }) => terminalName(terminal));
const cpu: Column = { header: '%CPU', value: (process, context) => cpuShare(process, context).toFixed(1) };
const memory: Column = {
  header: '%MEM',
  value: ({ residentSize }, context) => ((residentSize / context.memory) * 100).toFixed(1),
};
const started: Column = {
  header: 'STIME',
  value: (process, context) => startDay(startTime(process, context), context),
};

/** Columns of ps(1) by the names that `-o` takes. */
export const PS_COLUMNS: Readonly<Record<string, Column>> = {
  pid: plain('PID', ({ pid }) => pid),
  ppid: plain('PPID', ({ parent }) => parent),
  pgid: plain('PGID', (process) => process.group),
  pgrp: plain('PGRP', (process) => process.group),
  sid: plain('SID', ({ session }) => session),
  sess: plain('SESS', ({ session }) => session),
  uid: plain('UID', (process) => process.user.effective),
  euid: plain('EUID', (process) => process.user.effective),
  ruid: plain('RUID', (process) => process.user.real),
  gid: plain('GID', ({ primaryGroup }) => primaryGroup.effective),
  egid: plain('EGID', ({ primaryGroup }) => primaryGroup.effective),
  rgid: plain('RGID', ({ primaryGroup }) => primaryGroup.real),
  user: user('USER', 'effective'),
  uname: user('USER', 'effective'),
  euser: user('EUSER', 'effective'),
  ruser: user('RUSER', 'real'),
  group: group('GROUP', 'effective'),
  egroup: group('EGROUP', 'effective'),
  rgroup: group('RGROUP', 'real'),
  comm: comm('COMMAND'),
  ucmd: comm('CMD'),
  args: args('COMMAND'),
  command: args('COMMAND'),
  cmd: args('CMD'),
  c: { header: 'C', value: (process, context) => Math.min(99, Math.floor(cpuShare(process, context))) },
  pcpu: cpu,
  '%cpu': cpu,
  pmem: memory,
  '%mem': memory,
  vsz: plain('VSZ', ({ virtualSize }) => Math.floor(virtualSize / KIB)),
  vsize: plain('VSZ', ({ virtualSize }) => Math.floor(virtualSize / KIB)),
  rss: plain('RSS', ({ residentSize }) => Math.floor(residentSize / KIB)),
  rssize: plain('RSS', ({ residentSize }) => Math.floor(residentSize / KIB)),
  tty,
  tt: { ...tty, header: 'TT' },
  tname: tty,
  stat: plain('STAT', ({ state }) => state),
  state: plain('S', ({ state }) => state.slice(0, 1)),
  s: plain('S', ({ state }) => state.slice(0, 1)),
  time: time('TIME'),
  cputime: time('TIME'),
  bsdtime: plain('TIME', (process) => formatBsdTime(cpuSeconds(process))),
  etime: { header: 'ELAPSED', value: (process, context) => formatElapsed(elapsed(process, context)) },
  etimes: { header: 'ELAPSED', value: (process, context) => Math.floor(elapsed(process, context)) },
  stime: started,
  start_time: started,
  start: started,
  bsdstart: { ...started, header: 'START' },
  lstart: { header: 'STARTED', value: (process, context) => fullDate(startTime(process, context)) },
  nlwp: plain('NLWP', ({ threads }) => threads),
  thcount: plain('THCNT', ({ threads }) => threads),
  ni: plain('NI', ({ nice }) => nice),
  nice: plain('NI', ({ nice }) => nice),
  pri: plain('PRI', ({ priority }) => 39 - priority),
};

/** A zombie, or a program that has cleared its arguments, is shown by its name. */
function commandLine({ args: argv, comm: name, state }: ProcessInfo): string {
  if (argv.length > 0) return printable(argv.join(' '));
  return state.startsWith('Z') ? `[${printable(name)}] <defunct>` : `[${printable(name)}]`;
}

/** A container chooses these texts: they must not talk to the terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?');
}

/** The device number of proc_pid_stat(5): pts has majors 136 to 143, of 256 terminals each. */
export function terminalName(device: number): string {
  const major = (device >>> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${minor + (major - 136) * 256}`;
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  if (major === 5 && minor === 1) return 'console';
  return '?';
}

function cpuSeconds({ cpuTicks }: ProcessInfo): number {
  return Math.floor(cpuTicks / TICKS_PER_SECOND);
}

function startTime({ startTicks }: ProcessInfo, { bootTime }: PsContext): number {
  return bootTime + (startTicks / TICKS_PER_SECOND) * 1000;
}

/** Seconds. */
function elapsed(process: ProcessInfo, context: PsContext): number {
  return Math.max(0, (context.now - startTime(process, context)) / 1000);
}

/** Per cent of one CPU over its whole life. */
function cpuShare(process: ProcessInfo, context: PsContext): number {
  const life = elapsed(process, context);
  return life > 0 ? (process.cpuTicks / TICKS_PER_SECOND / life) * 100 : 0;
}

/** `00:01:02`, `3-00:01:02`. */
export function formatTime(seconds: number): string {
  const days = Math.floor(seconds / DAY);
  return `${days > 0 ? `${days}-` : ''}${two((seconds % DAY) / HOUR)}:${two((seconds % HOUR) / MINUTE)}:${two(seconds % MINUTE)}`;
}

/** `1:02`. */
function formatBsdTime(seconds: number): string {
  return `${Math.floor(seconds / MINUTE)}:${two(seconds % MINUTE)}`;
}

/** `01:02`, `01:02:03`, `3-01:02:03`. */
function formatElapsed(seconds: number): string {
  return formatTime(seconds).replace(/^00:/, '');
}

/** `09:41` of today, `Nov21` of this year, `2024`. */
function startDay(time: number, { now }: PsContext): string {
  const [start, today] = [new Date(time), new Date(now)];
  if (start.getFullYear() !== today.getFullYear()) return String(start.getFullYear());
  if (start.toDateString() === today.toDateString()) return `${two(start.getHours())}:${two(start.getMinutes())}`;
  return `${start.toDateString().slice(4, 7)}${two(start.getDate())}`;
}

/** `Fri Nov 21 23:11:34 2026`. */
function fullDate(time: number): string {
  const date = new Date(time);
  const day = date.toDateString();
  return `${day.slice(0, 10)} ${date.toTimeString().slice(0, 8)} ${day.slice(11)}`;
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}
