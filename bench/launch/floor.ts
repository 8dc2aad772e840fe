import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plan, PlanEntry } from '../../core/engine/index.js';
import { compile } from '../compile.js';
import { LineProgram } from '../line-program.js';
import type { SentMessage } from './netlink-tap.js';

/** The C program that does what a plan says: nanoseconds until exec, and until everything was gone. */
export function startFloor(binary: string, [program, steps]: FloorInput): LineProgram {
  return new LineProgram(binary, [program, steps]);
}

/** Two files: an encoded program, and what is done beside it. */
export type FloorInput = readonly [program: string, steps: string];

const SOURCES = ['floor.c', 'program.c', 'steps.c', 'netlink.c'];

/** Compiles the floor into `directory`. @throws Error where there is no compiler */
export function compileFloor(directory: string): string {
  return compile(
    'floor',
    SOURCES.map((name) => `launch/floor/${name}`),
    directory,
  );
}

/** Writes the program and the engine's steps of a plan as the floor reads them, and the messages that go with them. */
export function writeFloorInput(
  plan: Plan,
  directory: string,
  label: string,
  messages: readonly SentMessage[] = [],
): FloorInput {
  const program = join(directory, `${label}.program`);
  const steps = join(directory, `${label}.steps`);
  writeFileSync(program, plan.program.bytes);
  const sent = messages.map(
    ({ phase, protocol, pidOffset, bytes }) => `netlink ${phase} ${protocol} ${pidOffset} ${bytes.toString('hex')}`,
  );
  // A cgroup may be opened in several places of a program.
  const lines = [...new Set(plan.entries.flatMap(floorSteps)), ...sent];
  writeFileSync(steps, lines.map((line) => `${line}\n`).join(''));
  return [program, steps];
}

/**
 * The same calls for one entry of a plan. Cgroups of v1 are read off the program, which opens every one of them, and
 * finds there what was made ahead; the directories of tsbox above them stay from launch to launch, as they do in an
 * engine that always has a container. Devices it allows itself.
 */
function floorSteps({ where, plugin, action, target }: PlanEntry): string[] {
  if (where === 'launcher' && action !== 'openat') return [];
  const paths = target.split(' ').filter((word) => word.startsWith('/'));
  const cgroup = paths
    .find((path) => /^\/sys\/fs\/cgroup\/.*\/tsbox\/[0-9a-f]{64}/.test(path))
    ?.replace(/\/tasks$/, '');
  if (where === 'launcher' && cgroup)
    return [`parent ${dirname(cgroup)}`, ...(cgroup.includes('/cpuset/') ? cpuset(cgroup) : [`mkdir ${cgroup}`])];
  if (where !== 'engine' || plugin.startsWith('cgroup')) return devices(target);
  return action === 'mkdir' || action === 'write' ? paths.map((path) => `${action} ${path}`) : [];
}

/** A v1 cpuset begins with its parent's CPUs and nodes where the parent has both and says so. */
function cpuset(cgroup: string): string[] {
  const parent = dirname(cgroup);
  const inherit = (file: string) => `set ${parent}/${file} ${readFileSync(join(dirname(parent), file), 'utf8').trim()}`;
  return [inherit('cpuset.cpus'), inherit('cpuset.mems'), `set ${parent}/cgroup.clone_children 1`, `mkdir ${cgroup}`];
}

/** The list of devices is closed, then opened entry by entry; its cgroup comes later in the plan, so `late`. */
function devices(target: string): string[] {
  const [file, rules] = target.split(' = ');
  if (!file?.endsWith('/devices.allow') || !rules) return [];
  const set = (name: string, value: string) => `late ${dirname(file)}/${name} ${value}`;
  return [set('devices.deny', 'a'), ...rules.split(', ').map((rule) => set('devices.allow', rule))];
}
