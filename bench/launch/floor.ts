import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Plan, PlanEntry } from '../../core/engine/index.js';

/** The C program that does what a plan says; one launch per call. */
export class Floor {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(binary: string, program: string, steps: string) {
    this.#child = spawn(binary, [program, steps], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Starts one container. @returns nanoseconds until exec, and until everything was gone */
  async launch(): Promise<[number, number]> {
    this.#child.stdin.write('\n');
    const { value } = await this.#lines.next();
    if (value === undefined) throw new Error('the floor ended');
    const [started, ended] = value.split(' ').map(Number);
    return [started, ended];
  }

  close(): void {
    this.#child.stdin.end();
  }
}

/** Compiles floor.c into `directory`. */
export function compileFloor(root: string, directory: string): string {
  const binary = join(directory, 'floor');
  execFileSync('cc', ['-O2', '-o', binary, join(root, 'bench/launch/floor.c')]);
  return binary;
}

/** Writes the program and the engine's steps of a plan as the floor reads them. */
export function writeFloorInput(plan: Plan, directory: string, label: string): [string, string] {
  const program = join(directory, `${label}.program`);
  const steps = join(directory, `${label}.steps`);
  writeFileSync(program, plan.program.bytes);
  writeFileSync(
    steps,
    plan.entries
      .flatMap(floorSteps)
      .map((line) => `${line}\n`)
      .join(''),
  );
  return [program, steps];
}

/**
 * The same calls for one entry of a plan. Cgroups of v1 are read off the program, which enters every
 * one of them; the directories of tsbox above them stay from launch to launch, as they do in an
 * engine that always has a container.
 */
function floorSteps({ where, plugin, action, target }: PlanEntry): string[] {
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
