import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { errnoName } from '../../core/kernel/errno.js';
import { readHost } from '../../core/kernel/host.js';
import { LibcGate } from '../../core/kernel/libc-gate.js';
import { createMemfd, createSealedExecutable } from '../../core/kernel/memfd.js';
import type { Launch, NamespaceName, ResolvedImage, Step, StorageDriver } from '../../core/plugin/index.js';
import { ChildProgram } from '../../core/program/child-program.js';
import { encode } from '../../core/program/encode.js';
import { arm64, x64 } from '../../core/program/launcher/images.js';
import { HEADER } from '../../core/program/layout.js';
import { Memory, type Slot } from '../../core/program/memory.js';
import { Program } from '../../core/program/program.js';

const CLONE_NEWNS = 0x20000;
const MS_REC_PRIVATE = 0x44000;
const AT_FDCWD = -100;
const MOVE_MOUNT_F_EMPTY_PATH = 4;
const O_PATH_DIRECTORY = 0x210000;
const AUTHOR = { plugin: 'bench', hook: 'childSetup' };

export const gate = new LibcGate();
export const host = readHost();

/** An image made of directories, lowest first. */
export function imageOf(...layers: readonly string[]): ResolvedImage {
  const config = { entrypoint: [], cmd: [], env: [], workdir: '/', user: '' };
  return { reference: 'test', layers, config, host: false, readFile: () => undefined };
}

/** A step that was taken, and how it is taken back. */
export type Taken = NonNullable<Step<unknown>['undo']>;

/** As much of a launch as a storage driver uses; steps are run at once. @param taken is told of each, newest first */
export function benchLaunch(directory: string, image: ResolvedImage, taken: Taken[] = []): Launch {
  const id = randomBytes(32).toString('hex');
  const container = join(directory, 'containers/c');
  mkdirSync(container, { recursive: true });
  const launch = {
    id,
    shortId: id.slice(0, 12),
    name: 'bench',
    again: false,
    image,
    gate,
    host,
    planning: false,
    rootfs: undefined,
    idMaps: undefined,
    spec: { force: false, remove: false },
    paths: { root: directory, runroot: join(directory, 'run'), container },
    namespaces: new Set<NamespaceName>(['mount']),
    trees: new Set<string>(),
    facts: {},
    step: async (step: Step<unknown>) => {
      if (step.undo) taken.unshift(step.undo);
      return step.run();
    },
    directories: async (...names: string[]) => {
      for (const name of names) mkdirSync(join(container, name), { mode: 0o755 });
      return Object.fromEntries(names.map((name) => [name, join(container, name)]));
    },
    // Nothing is cloned here: at once is soon enough.
    duringClone: (work: () => void | Promise<void>) => work(),
    warn: () => {},
  };
  return launch as unknown as Launch;
}

export interface RunResult {
  /** Of the command, or 125 when an op failed. */
  readonly status: number;
  /** stdout and stderr, one character for each byte. */
  readonly output: string;
  /** The op that failed. */
  readonly failure?: string;
}

/** Prepares a rootfs, executes the driver's program in a mount namespace, and runs `sh -c script` at its root. */
export async function runAtRoot(driver: StorageDriver, launch: Launch, script: string): Promise<RunResult> {
  await driver.prepare(launch);
  return runPrepared(driver, launch, script);
}

/** The same for a rootfs that is prepared already. */
export function runPrepared(driver: StorageDriver, launch: Launch, script: string): RunResult {
  const program = new Program();
  const child = new ChildProgram({ program, arch: gate.arch, procMountable: true }, AUTHOR);
  child.launcher.call('unshare', [CLONE_NEWNS]);
  child.launcher.call('mount', ['none', '/', null, MS_REC_PRIVATE, null]);
  driver.record(child, launch);
  const rootfs = launch.rootfs as string;
  child.enter.call('move_mount', [child.shared.rootMount as Slot, '', AT_FDCWD, rootfs, MOVE_MOUNT_F_EMPTY_PATH]);
  child.enter.call('openat', [AT_FDCWD, rootfs, O_PATH_DIRECTORY, 0], { result: child.root });
  const exec = program.recorder('exec', AUTHOR);
  exec.call('fchdir', [child.root]);
  const argv = Memory.vector(['sh', '-c', script]);
  exec.call('execve', ['/bin/sh', argv, Memory.vector([`PATH=${process.env.PATH}`])]);
  return execute(program, join(launch.paths.container, 'output'));
}

function execute(program: Program, output: string): RunResult {
  const encoded = encode(program, gate.arch);
  const memory = createMemfd(gate, 'program', encoded.bytes);
  const launcher = createSealedExecutable(gate, 'launcher', Buffer.from(gate.arch === 'arm64' ? arm64 : x64, 'base64'));
  const stdin = openSync('/dev/null', 'r');
  const stdout = openSync(output, 'w');
  try {
    const path = `/proc/self/fd/${launcher}`;
    const pid = gate.spawn({ path, argv: ['bench'], env: [], fds: [stdin, stdout, stdout, memory] });
    const status = gate.wait({ pid }, true)?.exitCode ?? -1;
    const header = Buffer.alloc(HEADER.size);
    readSync(memory, header, 0, HEADER.size, 0);
    const failed = encoded.ops[header.readInt32LE(HEADER.failed)];
    const errno = errnoName(header.readInt32LE(HEADER.error));
    const text = readFileSync(output, 'latin1');
    return { status, output: text, ...(failed && { failure: `${failed.name}(${failed.args.join(', ')}): ${errno}` }) };
  } finally {
    for (const fd of [memory, launcher, stdin, stdout]) closeSync(fd);
  }
}
