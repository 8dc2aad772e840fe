import {
  AT_FDCWD,
  CGROUP_PARENT,
  type CgroupHierarchy,
  type CgroupLayout,
  type ChildProgram,
  type DeviceRule,
  errnoNumber,
  formatDeviceRule,
  type Launch,
  type LimitWrite,
  Memory,
  O_CLOEXEC,
  O_RDONLY,
  O_WRONLY,
  Pointer,
  PR_SET_PDEATHSIG,
  type Recorder,
  Slot,
} from '../../core/plugin/index.js';
import { directoryOf, placeOf } from './v1-places.js';

const SIGKILL = 9;
/** The parent is there, but for the first launch, and when the last container of another engine takes it along. */
const MAKE_ATTEMPTS = 3;
/** Gone, or dying. */
const MISSING = ['ENOENT', 'ENODEV'] as const;
const ALL = 0xffff_ffff_ffff_ffffn;
/** The lists of devices begin with `b` or `c`, and that which allows everything with `a`. */
const FIRST_LETTER = 0xfen;
const B_OR_C = 0x62n;

/**
 * The hierarchies in which stage one makes the container's cgroup, rather than the engine, whose one thread has all
 * launches to attend to. Those remain the engine's in which it has to read what the kernel took, or to explain
 * what it refused: the number of processes is never refused.
 */
export function leftToLauncher(
  { hierarchies }: CgroupLayout,
  launch: Launch,
  writes: readonly LimitWrite[],
): CgroupHierarchy[] {
  if (!launch.mayDefer) return [];
  const demanding = new Set(writes.filter(({ limit }) => limit !== 'pidsLimit').map(({ controller }) => controller));
  return hierarchies.filter(
    ({ controllers }) => !controllers.includes('cpuset') && !controllers.some((name) => demanding.has(name)),
  );
}

interface Lines {
  readonly path: string;
  readonly lines: readonly string[];
}

/** What stage one makes: cgroups, and what holds in them. */
export interface LauncherCgroups {
  readonly layout: CgroupLayout;
  readonly hierarchies: readonly CgroupHierarchy[];
  readonly rules: readonly DeviceRule[] | undefined;
}

/** Has most of it made while stage one is not there yet. */
export function makeAhead(launch: Launch, { layout, hierarchies, rules }: LauncherCgroups): void {
  const directories = hierarchies.map((one) => ({ path: directoryOf(one, launch) }));
  const devices = isAmong(hierarchies, 'devices') && placeOf(layout, 'devices', launch);
  const lists = devices && rules ? deviceLists(devices, rules) : [];
  launch.makeAhead([...directories, ...lists]);
}

/** Records the rest of that, once all `tasks` are open. */
export function recordCgroups(
  { launcher }: ChildProgram,
  launch: Launch,
  { hierarchies, writes, layout, rules }: LauncherCgroups & { readonly writes: readonly LimitWrite[] },
): void {
  // Those of v1 were made when their tasks were opened.
  for (const hierarchy of hierarchies) if (hierarchy.version === 2) recordUnified(launcher, hierarchy, launch);
  for (const { controller, file, value } of writes)
    if (isAmong(hierarchies, controller))
      recordWrites(launcher, { path: `${placeOf(layout, controller, launch)}/${file}`, lines: [value] });
  const devices = isAmong(hierarchies, 'devices') && placeOf(layout, 'devices', launch);
  if (devices && rules) recordDevices(launcher, devices, rules);
}

function isAmong(hierarchies: readonly CgroupHierarchy[], controller: string): boolean {
  return hierarchies.some(({ controllers }) => controllers.includes(controller));
}

export function endWithEngine({ launcher }: ChildProgram): void {
  launcher.call('prctl', [PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0], { note: 'ends with its engine' });
  const parent = launcher.callTo('parent', 'getppid', []);
  launcher.expect(parent, ALL, BigInt(process.pid), errnoNumber('ECANCELED'), { note: 'the engine has not died' });
}

/**
 * Records that stage one opens the file by whose means a process enters a cgroup of v1.
 * @param isLeft it makes the cgroup, where that was not made ahead
 */
export function openTasks(
  { launcher }: ChildProgram,
  hierarchy: CgroupHierarchy,
  launch: Launch,
  isLeft: boolean,
): Slot {
  const file = new Slot('tasks');
  const done = launcher.label();
  const open = [AT_FDCWD, `${directoryOf(hierarchy, launch)}/tasks`, O_WRONLY | O_CLOEXEC, 0] as const;
  if (isLeft) {
    launcher.call('openat', open, { result: file, goto: done, tolerate: MISSING });
    recordMaking(launcher, hierarchy, launch);
  }
  launcher.call('openat', open, { result: file });
  launcher.place(done);
  return file;
}

/** The engine's program of the clone opens it. */
function recordUnified(launcher: Recorder, hierarchy: CgroupHierarchy, launch: Launch): void {
  const done = launcher.label();
  launcher.call('faccessat2', [AT_FDCWD, directoryOf(hierarchy, launch), 0, 0], { goto: done, tolerate: MISSING });
  recordMaking(launcher, hierarchy, launch);
  launcher.place(done);
}

function recordMaking(launcher: Recorder, hierarchy: CgroupHierarchy, launch: Launch): void {
  const directory = directoryOf(hierarchy, launch);
  const parent = `${hierarchy.mountpoint}/${CGROUP_PARENT}`;
  const done = launcher.label();
  for (let attempt = 1; attempt < MAKE_ATTEMPTS; attempt++) {
    launcher.call('mkdirat', [AT_FDCWD, directory, 0o755], { goto: done, tolerate: MISSING, note: 'cgroup' });
    launcher.call('mkdirat', [AT_FDCWD, parent, 0o755], { tolerate: ['EEXIST', 'ENODEV'] });
  }
  launcher.call('mkdirat', [AT_FDCWD, directory, 0o755], { note: 'cgroup' });
  launcher.place(done);
}

/** Each by a write(2) of its own: the kernel takes one rule or number at a time. */
function recordWrites(launcher: Recorder, { path, lines }: Lines): void {
  const file = launcher.callTo('file', 'openat', [AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0]);
  for (const line of lines) {
    const bytes = Buffer.from(line);
    launcher.call('write', [file, bytes, bytes.length], { note: `${path} = ${line}` });
  }
  launcher.call('close', [file]);
}

/** A list of as many bytes as it is to have was written ahead: it only grows, rule by rule. */
function recordDevices(launcher: Recorder, directory: string, rules: readonly DeviceRule[]): void {
  const done = launcher.label();
  const wanted = rules.map((rule) => `${formatDeviceRule(rule)}\n`).join('').length;
  const options = { tolerate: ['ENODATA'], goto: done, note: 'the devices are those that are allowed' };
  launcher.expect(
    readList(launcher, directory, wanted + 1).length,
    ALL,
    BigInt(wanted),
    errnoNumber('ENODATA'),
    options,
  );
  for (const list of deviceLists(directory, rules)) recordWrites(launcher, list);
  const { letter } = readList(launcher, directory, 1);
  launcher.expect(letter, FIRST_LETTER, B_OR_C, errnoNumber('EPERM'), { note: 'not all devices are allowed' });
  launcher.place(done);
}

/** A new cgroup allows what its parent does: all. */
function deviceLists(directory: string, rules: readonly DeviceRule[]): Lines[] {
  return [
    { path: `${directory}/devices.deny`, lines: ['a'] },
    { path: `${directory}/devices.allow`, lines: rules.map(formatDeviceRule) },
  ];
}

/** What is allowed now: how many bytes of that, and what it begins with. */
function readList(launcher: Recorder, directory: string, most: number): { length: Slot; letter: Slot } {
  const path = `${directory}/devices.list`;
  const list = launcher.callTo('list', 'openat', [AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0]);
  const bytes = new Memory(most, 'devices.list');
  const letter = new Slot('letter');
  const length = launcher.callTo('length', 'read', [list, bytes, most], { note: path });
  launcher.copy(new Pointer(letter), bytes, 1);
  launcher.call('close', [list]);
  return { length, letter };
}
