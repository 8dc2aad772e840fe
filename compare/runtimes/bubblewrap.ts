import { existsSync, statSync } from 'node:fs';
import { versionOf } from './installed.js';
import type { HeldContainer, Runtime, RuntimeKind, RuntimeLab } from './runtime.js';
import { Spawned } from './spawned.js';

const UNLIKE = 'no cgroup, no limits, the /sys of the host, the image is the root as it is, with no layer above it';

export const BUBBLEWRAP: RuntimeKind = {
  name: 'bwrap',
  about: async () => `${await versionOf('bwrap')}; ${UNLIKE}`,
  open: (lab) => new Bubblewrap(lab),
};

/** What is read of an OCI configuration. */
interface Config {
  readonly process: {
    readonly env: readonly string[];
    readonly cwd: string;
    readonly capabilities: { readonly bounding: readonly string[] };
  };
  readonly linux: {
    readonly namespaces: readonly { readonly type: string }[];
    readonly maskedPaths: readonly string[];
    readonly readonlyPaths: readonly string[];
  };
}

const UNSHARE: Readonly<Record<string, string>> = {
  ipc: '--unshare-ipc',
  pid: '--unshare-pid',
  network: '--unshare-net',
  uts: '--unshare-uts',
  cgroup: '--unshare-cgroup',
  user: '--unshare-user',
};

class Bubblewrap implements Runtime {
  readonly #lab: RuntimeLab;
  readonly #spawned: Spawned;
  #options: Promise<readonly string[]> | undefined;

  constructor(lab: RuntimeLab) {
    this.#lab = lab;
    this.#spawned = new Spawned(lab.context.signal);
  }

  async run(command: readonly string[], heard?: () => void): Promise<void> {
    this.#options ??= this.#makeOptions();
    await this.#spawned.run('bwrap', [...(await this.#options), ...command], heard);
  }

  async hold(): Promise<HeldContainer> {
    throw new Error('bubblewrap has no way into a container that runs');
  }

  /** A sandbox dies with its bwrap. */
  close(): Promise<void> {
    return this.#spawned.close();
  }

  async #makeOptions(): Promise<readonly string[]> {
    const { subject, context } = this.#lab;
    const config = JSON.parse(await subject.oci(['true'])) as Config;
    return bubblewrapOptions(config, subject.rootfs, context.containerName('bwrap'));
  }
}

/** Parts of /proc that bubblewrap makes read-only by itself. */
const READ_ONLY = ['/proc/bus', '/proc/irq', '/proc/sysrq-trigger'];

/** The namespaces, mounts, masks and capabilities of tsbox, as far as bubblewrap has them. */
export function bubblewrapOptions({ process, linux }: Config, rootfs: string, hostname: string): string[] {
  const namespaces = linux.namespaces.flatMap(({ type }) => UNSHARE[type] ?? []);
  const readOnly = linux.readonlyPaths.filter((path) => !READ_ONLY.includes(path) && existsSync(path));
  return [
    ...['--die-with-parent', '--new-session', '--as-pid-1', ...namespaces, '--hostname', hostname],
    ...['--bind', rootfs, '/', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/dev/shm', '--mqueue', '/dev/mqueue'],
    ...['--ro-bind', '/sys', '/sys', ...linux.maskedPaths.flatMap(mask)],
    ...readOnly.flatMap((path) => ['--ro-bind', path, path]),
    ...['--cap-drop', 'ALL', ...process.capabilities.bounding.flatMap((name) => ['--cap-add', name])],
    ...['--clearenv', ...process.env.flatMap(setEnv), '--chdir', process.cwd, '--'],
  ];
}

function mask(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return [];
  return found.isDirectory() ? ['--tmpfs', path, '--remount-ro', path] : ['--dev-bind', '/dev/null', path];
}

function setEnv(pair: string): string[] {
  const at = pair.indexOf('=');
  return ['--setenv', pair.slice(0, at), pair.slice(at + 1)];
}
