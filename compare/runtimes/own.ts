import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Box, BoxOptions } from '../../core/index.js';
import { type HeldContainer, type Runtime, type RuntimeKind, type RuntimeLab, STAY } from './runtime.js';
import { listenTo, Spawned } from './spawned.js';
import { startStaying } from './staying.js';

export const IN_PROCESS: RuntimeKind = {
  name: 'tsbox',
  about: async () => 'in this process, a warm engine',
  open: (lab) => new InProcess(lab),
};

export const COMMAND_LINE: RuntimeKind = {
  name: 'tsbox-cli',
  about: async () => {
    if (!ownScript()) throw new Error('the command line of tsbox is not beside this library');
    return `a process for each container, Node ${process.versions.node}`;
  },
  open: (lab) => new CommandLine(lab, ownScript() as string),
};

/** It lies beside this code in the package. */
function ownScript(): string | undefined {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'cli.cjs');
  return existsSync(script) ? script : undefined;
}

/** Of each container, beside its name and the like. */
type Settings = Pick<BoxOptions, 'resources'>;

/** tsbox as a library: the engine of this process. */
export class InProcess implements Runtime {
  readonly #lab: RuntimeLab;
  readonly #settings: Settings;

  constructor(lab: RuntimeLab, settings: Settings = {}) {
    this.#lab = lab;
    this.#settings = settings;
  }

  async run(command: readonly string[], heard?: () => void): Promise<void> {
    const stdio = ['ignore', heard ? 'pipe' : 'ignore', 'ignore'] as const;
    const box = await this.#start(command, stdio);
    // The container may be gone before its output is here.
    const listened = box.stdout && heard && listenTo(box.stdout, heard);
    await succeeded(box, command);
    await listened;
  }

  async hold(): Promise<HeldContainer> {
    const box = await this.#start(STAY, ['pipe', 'ignore', 'ignore']);
    const { engine } = this.#lab.context;
    return {
      exec: async (command) => succeeded(await engine.exec(box.id, { command, stdio: 'ignore' }), command),
      close: () => box[Symbol.asyncDispose](),
    };
  }

  async close(): Promise<void> {}

  #start(command: readonly string[], stdio: readonly ['ignore' | 'pipe', 'ignore' | 'pipe', 'ignore']): Promise<Box> {
    const { context, subject } = this.#lab;
    const { engine, label, signal } = context;
    const name = context.containerName('tsbox');
    const own = { image: subject.rootfs, command, network: 'none', name, label: [label], stdio, signal };
    return engine.run({ ...this.#settings, ...own });
  }
}

async function succeeded(box: Box, command: readonly string[]): Promise<void> {
  const { status } = await box.wait();
  if (status !== 0) throw new Error(`${command[0]} ended with ${status}`);
}

/** tsbox as a command: a process of Node for each container. */
class CommandLine implements Runtime {
  readonly #lab: RuntimeLab;
  readonly #script: string;
  readonly #spawned: Spawned;

  constructor(lab: RuntimeLab, script: string) {
    this.#lab = lab;
    this.#script = script;
    this.#spawned = new Spawned(lab.context.signal);
  }

  run(command: readonly string[], heard?: () => void): Promise<void> {
    const name = this.#lab.context.containerName('tsbox-cli');
    return this.#tsbox(['run', '--rm', ...this.#options(name), ...command], heard);
  }

  async hold(): Promise<HeldContainer> {
    const name = this.#lab.context.containerName('tsbox-cli');
    const args = this.#arguments(['run', '--rm', '--interactive', ...this.#options(name), ...STAY]);
    return startStaying(process.execPath, args, (command) => this.#tsbox(['exec', name, ...command]));
  }

  close(): Promise<void> {
    return this.#spawned.close();
  }

  #options(name: string): string[] {
    const { context, subject } = this.#lab;
    return [`--name=${name}`, `--label=${context.label}`, '--network=none', subject.rootfs];
  }

  #tsbox(args: readonly string[], heard?: () => void): Promise<void> {
    return this.#spawned.run(process.execPath, this.#arguments(args), heard);
  }

  #arguments(args: readonly string[]): string[] {
    const { root, runroot } = this.#lab.context.paths;
    return ['--', this.#script, `--root=${root}`, `--runroot=${runroot}`, ...args];
  }
}
