import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errnoName } from '../../core/kernel/errno.js';
import type { WaitStatus } from '../../core/kernel/gate.js';
import { readHost } from '../../core/kernel/host.js';
import { LibcGate } from '../../core/kernel/libc-gate.js';
import { createMemfd, createSealedExecutable } from '../../core/kernel/memfd.js';
import {
  AT_FDCWD,
  CLONE_ARGS,
  CLONE_INTO_CGROUP,
  CLONE_NEWCGROUP,
  CLONE_PARENT,
  type JsonObject,
  type Launch,
  Memory,
  type NamespaceName,
  O_CLOEXEC,
  O_PATH,
  type PluginDefinition,
  type ResourceDriver,
  type ResourceSpec,
  type Step,
} from '../../core/plugin/index.js';
import { ChildProgram } from '../../core/program/child-program.js';
import { encode } from '../../core/program/encode.js';
import * as images from '../../core/program/launcher/images.js';
import { HEADER } from '../../core/program/layout.js';
import { Program } from '../../core/program/program.js';

const AUTHOR = { plugin: 'bench', hook: 'childSetup' };
export const gate = new LibcGate();
export const host = readHost();

/** As much of a launch as a resource driver uses. Undo steps are kept, newest first. */
export interface BenchLaunch extends Launch {
  readonly undone: { kind: string; args: JsonObject }[];
  readonly later: (() => void | Promise<void>)[];
  readonly steps: string[];
  readonly warnings: string[];
}

export function benchLaunch(limits: Partial<ResourceSpec> = {}, more: object = {}): BenchLaunch {
  const undone: { kind: string; args: JsonObject }[] = [];
  const steps: string[] = [];
  const warnings: string[] = [];
  const later: (() => void | Promise<void>)[] = [];
  const launch = {
    id: randomBytes(32).toString('hex'),
    spec: { security: { privileged: false, capAdd: [], capDrop: [] }, resources: { devices: [], ...limits } },
    gate,
    host,
    planning: false,
    cgroup: undefined,
    facts: {},
    undone,
    later,
    steps,
    warnings,
    namespaces: new Set<NamespaceName>(['mount', 'cgroup']),
    step: async <T>(step: Step<T>) => {
      steps.push(`${step.action} ${step.target}`);
      if (launch.planning) return step.dry?.();
      if (step.undo) undone.unshift(step.undo);
      return step.run();
    },
    duringClone: (work: () => void | Promise<void>) => void later.push(work),
    warn: (message: string) => warnings.push(message),
    ...more,
  };
  return launch as unknown as BenchLaunch;
}

/** Prepares, and does what the engine would do while the child is cloned. */
export async function prepareOn(driver: ResourceDriver, launch: BenchLaunch): Promise<void> {
  await driver.prepare?.(launch);
  for (const work of launch.later.splice(0)) await work();
}

/** Takes everything back, as the engine would. */
export async function undoAll(plugin: PluginDefinition, launch: BenchLaunch): Promise<void> {
  for (const { kind, args } of launch.undone)
    await plugin.undo?.[kind]?.(args, { gate, host, root: '/', runroot: '/' });
}

/** A command in the cgroup of a launch. */
export interface Running {
  readonly pid: number;
  wait(): { status: WaitStatus; output: string };
}

/** Records the driver's part, clones with a new cgroup namespace, and runs `sh -c script` on the host's files. */
export function startIn(driver: ResourceDriver, launch: Launch, script: string): Running {
  const program = new Program();
  const child = new ChildProgram({ program, arch: gate.arch, procMountable: true }, AUTHOR);
  driver.record?.(child, launch);
  const cloneArgs = new Memory(CLONE_ARGS.size);
  let flags = CLONE_PARENT | CLONE_NEWCGROUP;
  if (launch.cgroup) {
    flags |= CLONE_INTO_CGROUP;
    child.launcher.call('openat', [AT_FDCWD, launch.cgroup, O_PATH | O_CLOEXEC, 0], {
      result: cloneArgs.at(CLONE_ARGS.cgroup),
    });
  }
  cloneArgs.u64(CLONE_ARGS.flags, flags);
  child.launcher.special('clone', 'clone3', [cloneArgs, CLONE_ARGS.size]);
  const argv = Memory.vector(['sh', '-c', script]);
  program.recorder('exec', AUTHOR).call('execve', ['/bin/sh', argv, Memory.vector([`PATH=${process.env.PATH}`])]);
  return execute(program);
}

function execute(program: Program): Running {
  const encoded = encode(program, gate.arch);
  const memory = createMemfd(gate, 'program', encoded.bytes);
  const launcher = createSealedExecutable(gate, 'launcher', Buffer.from(images[gate.arch], 'base64'));
  const output = join(tmpdir(), `tsbox-bench-${randomBytes(6).toString('hex')}`);
  const stdin = openSync('/dev/null', 'r');
  const stdout = openSync(output, 'w');
  const header = Buffer.alloc(HEADER.size);
  try {
    const stageOne = gate.spawn({
      path: `/proc/self/fd/${launcher}`,
      argv: ['bench'],
      env: [],
      fds: [stdin, stdout, stdout, memory],
    });
    gate.wait({ pid: stageOne }, true);
    readSync(memory, header, 0, HEADER.size, 0);
    const failed = encoded.ops[header.readInt32LE(HEADER.failed)];
    if (failed)
      throw new Error(`${failed.name}(${failed.args.join(', ')}): ${errnoName(header.readInt32LE(HEADER.error))}`);
  } finally {
    for (const fd of [memory, launcher, stdin, stdout]) closeSync(fd);
  }
  const pid = header.readInt32LE(HEADER.child);
  const wait = () => {
    const status = gate.wait({ pid }, true) as WaitStatus;
    const text = readFileSync(output, 'utf8');
    rmSync(output);
    return { status, output: text };
  };
  return { pid, wait };
}
