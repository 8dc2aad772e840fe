import { existsSync, statfsSync } from 'node:fs';
import { relative } from 'node:path';
import type { ChildProgram, Host, Launch, StorageDriver, StoredContainer, Support } from 'tsbox/plugin';
import {
  definePlugin,
  HOST,
  hasCode,
  MNT_DETACH,
  MS_NODEV,
  MS_NOSUID,
  MS_PRIVATE,
  OverlayRootfs,
  overlaySupport,
  TsboxError,
  unsupported,
} from 'tsbox/plugin';

const UMOUNT_NOFOLLOW = 8;
/** In the container's own directory. */
const MEMORY = 'memory';

/**
 * An overlay whose writable directories are on a tmpfs: what a container writes is never on a disk. The tmpfs
 * is a mount of the host, so it outlives the command: the container starts again with what it wrote, and
 * `diff`, `commit` and `cp` find it. It goes when the container is removed, and with the machine.
 */
class TmpfsDriver implements StorageDriver {
  readonly capabilities = { layers: true, unprivileged: false, clone: 'constant-time' } as const;
  readonly #rootfs: OverlayRootfs;

  constructor(
    readonly host: Host,
    readonly size: string,
  ) {
    this.#rootfs = new OverlayRootfs(host, { below: MEMORY });
  }

  check(): Support {
    if (!this.host.privileged) return unsupported('only root can mount on the host', 'use --storage=overlay');
    return overlaySupport(this.host);
  }

  validate(launch: Launch): void {
    this.#rootfs.validate(launch);
  }

  async prepare(launch: Launch): Promise<void> {
    const path = (await launch.directories(MEMORY))[MEMORY];
    if (launch.again) requireMounted(path, `cannot use the files of container ${launch.name}`);
    else await this.#mount(launch, path);
    await this.#rootfs.prepare(launch);
  }

  record(child: ChildProgram, launch: Launch): void {
    this.#rootfs.record(child, launch);
  }

  contents(container: StoredContainer) {
    requireMounted(`${container.directory}/${MEMORY}`, 'cannot read the files of the container');
    return this.#rootfs.contents(container);
  }

  async #mount(launch: Launch, path: string): Promise<void> {
    const { gate } = launch;
    await launch.step({
      action: 'mount',
      target: `tmpfs of ${this.size} on ${path}`,
      undo: { kind: 'unmount', args: { path } },
      keep: true,
      run: () => {
        gate.call('mount', 'tsbox', path, 'tmpfs', MS_NOSUID | MS_NODEV, `size=${this.size},mode=755`);
        gate.call('mount', null, path, null, MS_PRIVATE, null);
      },
    });
  }
}

function requireMounted(path: string, what: string): void {
  if (existsSync(`${path}/upper`)) return;
  throw new TsboxError('ERR_TSBOX_STATE', {
    what,
    why: 'they were in memory, and went with a reboot or an unmount',
    fix: 'remove the container, and run its image again',
  });
}

export default definePlugin({
  name: 'storage-tmpfs',
  apiVersion: 1,
  description: 'What containers write stays in memory',
  options: {
    size: { type: 'string', default: '64m', pattern: '^[1-9][0-9]*[kmgKMG]?$', description: 'bytes, or with k, m, g' },
  },
  drivers: { storage: { tmpfs: (container, options) => new TmpfsDriver(container.resolve(HOST), options.size) } },
  hooks: {
    // The command saw "No space left on device", and not of which.
    postStop: ({ launch }) => {
      const { bavail, blocks, bsize } = statfsSync(`${launch.paths.container}/${MEMORY}`);
      const size = Math.round((blocks * bsize) / 2 ** 10);
      if (bavail === 0) launch.warn(`the container's tmpfs of ${size} KiB is full: driverOptions.tmpfs.size`);
    },
  },
  undo: {
    unmount: ({ path }, { gate, root }) => {
      // A journal is a file that somebody may have touched: only what can be ours is unmounted.
      if (!/^containers\/[^/.]+\/memory$/.test(relative(root, String(path)))) return;
      try {
        // Until there is none: a killed engine may have been about to mount it.
        for (;;) gate.call('umount2', String(path), MNT_DETACH | UMOUNT_NOFOLLOW);
      } catch (error) {
        if (!hasCode(error, 'EINVAL', 'ENOENT')) throw error;
      }
    },
  },
});
