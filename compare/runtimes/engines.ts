import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireInstalled, versionOf } from './installed.js';
import { type HeldContainer, type Runtime, type RuntimeKind, type RuntimeLab, STAY } from './runtime.js';
import { output, Spawned } from './spawned.js';
import { startStaying } from './staying.js';

const UNFILTERED = 'without its seccomp filter, which tsbox has not';
/** tsbox has no filter by default. */
const ISOLATION = ['--network=none', '--security-opt=seccomp=unconfined', '--security-opt=no-new-privileges'];
const SLOW_MS = 60_000;

/** It knows images only: the root file system is imported as one, and removed again. */
export const DOCKER: RuntimeKind = {
  name: 'docker',
  about: async () => {
    requireInstalled('docker');
    const server = await output('docker', ['info', '--format', '{{.ServerVersion}}']);
    return `docker ${server}, a client and its daemon; ${UNFILTERED}`;
  },
  open: (lab) => new Docker('docker', lab),
};

/** It takes a directory as the root file system. */
export const PODMAN: RuntimeKind = {
  name: 'podman',
  about: async () => `${await versionOf('podman')}; the image is the root as it is; ${UNFILTERED}`,
  open: (lab) => new Podman('podman', lab),
};

/** docker and podman, whose command lines are alike. */
abstract class ContainerEngine implements Runtime {
  readonly #name: string;
  protected readonly lab: RuntimeLab;
  protected readonly spawned: Spawned;

  constructor(name: string, lab: RuntimeLab) {
    this.#name = name;
    this.lab = lab;
    this.spawned = new Spawned(lab.context.signal);
  }

  /** What stands before every command. */
  protected abstract readonly globals: readonly string[];
  /** What stands for the image. */
  protected abstract image(): Promise<readonly string[]>;

  async run(command: readonly string[], heard?: () => void): Promise<void> {
    const image = await this.image();
    await this.call(['run', '--rm', ...this.#options(this.newName()), ...image, ...command], heard);
  }

  async hold(): Promise<HeldContainer> {
    const name = this.newName();
    const image = await this.image();
    const args = [...this.globals, 'run', '--rm', '--interactive', ...this.#options(name), ...image, ...STAY];
    return startStaying(this.#name, args, (command) => this.call(['exec', name, ...command]));
  }

  /** What was interrupted is found by its label. */
  async close(): Promise<void> {
    await this.spawned.close();
    const ids = await this.ask(['ps', '--all', '--quiet', `--filter=label=${this.lab.context.label}`]);
    if (ids !== '') await this.ask(['rm', '--force', ...ids.split('\n')]);
  }

  protected newName(): string {
    return this.lab.context.containerName(this.#name);
  }

  protected call(args: readonly string[], heard?: () => void): Promise<void> {
    return this.spawned.run(this.#name, [...this.globals, ...args], heard);
  }

  /** After an interrupt too. */
  protected ask(args: readonly string[]): Promise<string> {
    return output(this.#name, [...this.globals, ...args], SLOW_MS);
  }

  #options(name: string): string[] {
    return [`--name=${name}`, `--label=${this.lab.context.label}`, ...ISOLATION];
  }
}

class Docker extends ContainerEngine {
  protected readonly globals: readonly string[] = [];
  #imported: Promise<string> | undefined;

  protected async image(): Promise<readonly string[]> {
    this.#imported ??= this.#import();
    return [await this.#imported];
  }

  override async close(): Promise<void> {
    await super.close();
    const image = await this.#imported?.catch(() => undefined);
    if (image) await this.ask(['rmi', '--force', image]);
  }

  async #import(): Promise<string> {
    const directory = mkdtempSync(join(this.lab.context.scratch, 'docker-'));
    const [archive, name] = [join(directory, 'rootfs.tar'), this.newName()];
    await this.spawned.run('tar', ['-C', this.lab.subject.rootfs, '--numeric-owner', '-cf', archive, '.']);
    await this.call(['import', archive, name]);
    return name;
  }
}

/** Its state is in directories of ours; it wants the path of one of them to be shorter than 50 characters. */
class Podman extends ContainerEngine {
  protected readonly globals: readonly string[];
  readonly #short = mkdtempSync(join(tmpdir(), 'tsbox-podman-'));

  constructor(name: string, lab: RuntimeLab) {
    super(name, lab);
    const own = mkdtempSync(join(lab.context.scratch, 'podman-'));
    const places = [`--root=${own}`, `--runroot=${join(this.#short, 'run')}`, `--tmpdir=${join(this.#short, 'tmp')}`];
    // Overlay would leave a mount at its root; there are no images in it.
    this.globals = [...places, '--storage-driver=vfs', '--cgroup-manager=cgroupfs'];
  }

  override async close(): Promise<void> {
    await super.close();
    rmSync(this.#short, { recursive: true, force: true });
  }

  protected async image(): Promise<readonly string[]> {
    return ['--rootfs', this.lab.subject.rootfs];
  }
}
