import { execFile } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { ChildProgram, Host, Launch, StorageDriver, StoredContainer, Support } from 'tsbox/plugin';
import {
  definePlugin,
  HOST,
  hasProgram,
  isOn,
  kernelAtLeast,
  kernelHasFileSystem,
  layersKey,
  MOUNT_ATTR_RDONLY,
  OverlayRootfs,
  overlaySupport,
  refuseWholeMachine,
  STATE_PATHS,
  unsupported,
} from 'tsbox/plugin';

const run = promisify(execFile);
const FROM_FILE = 'erofs is mounted from a file with Linux 6.12 and CONFIG_EROFS_FS_BACKED_BY_FILE';

/** Each layer of an image packed into an erofs file, once, and mounted from that below an overlay. */
class SquashDriver implements StorageDriver {
  readonly capabilities = {
    layers: true,
    unprivileged: false,
    clone: 'constant-time',
    userNamespace: false,
  } as const;
  readonly #rootfs: OverlayRootfs;

  constructor(
    readonly host: Host,
    readonly root: string,
    readonly compression: string,
  ) {
    this.#rootfs = new OverlayRootfs(host);
  }

  check(): Support {
    if (!this.host.privileged) return unsupported('only root can mount erofs', 'use --storage=overlay');
    if (!kernelAtLeast(this.host, 6, 12)) return unsupported(FROM_FILE, 'use --storage=overlay');
    if (!kernelHasFileSystem('erofs')) return unsupported('the kernel has no erofs', 'modprobe erofs');
    if (!hasProgram('mkfs.erofs')) return unsupported('there is no mkfs.erofs', 'apt-get install erofs-utils');
    if (isOn(this.root, 'tmpfs').works) return unsupported('no erofs from files of a tmpfs', '--root on a disk');
    return overlaySupport(this.host, this.root);
  }

  validate(launch: Launch): void {
    this.#rootfs.validate(launch);
    refuseWholeMachine(launch, 'squash');
  }

  /** The container has links to the packed layers: it stays as it is when the image is packed anew. */
  async prepare(launch: Launch): Promise<void> {
    await this.#rootfs.prepare(launch);
    for (const [index, layer] of launch.image.layers.entries()) {
      const name = `layer${index}`;
      const own = (await launch.directories(name))[name] as string;
      if (launch.again) continue;
      const packed = join(this.root, 'squash', `${layersKey([layer], this.root)}.erofs`);
      if (!existsSync(packed)) await this.#pack(launch, layer, packed);
      await launch.step({ action: 'link', target: `${own}.erofs`, run: () => linkSync(packed, `${own}.erofs`) });
    }
  }

  record(child: ChildProgram, launch: Launch): void {
    const mounted = launch.image.layers.map((_, index) => `${launch.paths.container}/layer${index}`);
    // Names from there are short: fsconfig(2) takes 255 bytes.
    child.outside.call('chdir', [launch.paths.container]);
    for (const [index, place] of mounted.entries()) {
      const source = `layer${index}.erofs`;
      child.place(child.fsopen('erofs').set('source', source).mount(MOUNT_ATTR_RDONLY, FROM_FILE), place);
    }
    child.outside.call('chdir', ['/']);
    this.#rootfs.record(child, launch, mounted);
  }

  contents(container: StoredContainer) {
    return this.#rootfs.contents(container);
  }

  async #pack(launch: Launch, layer: string, packed: string): Promise<void> {
    const path = `${packed}.${launch.shortId}`;
    await launch.step({
      action: 'pack',
      target: `${layer} to ${packed}`,
      undo: { kind: 'remove', args: { path } },
      run: async () => {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
        await run('mkfs.erofs', ['--quiet', '--preserve-mtime', `-z${this.compression}`, path, layer]);
      },
    });
    await launch.step({ action: 'rename', target: packed, run: () => renameSync(path, packed) });
  }
}

export default definePlugin({
  name: 'storage-squash',
  apiVersion: 1,
  description: 'Layers of images packed into erofs files, read-only below an overlay',
  options: { compression: { type: 'string', enum: ['lz4', 'lz4hc'], default: 'lz4' } },
  drivers: {
    storage: {
      squash: (container, options) =>
        new SquashDriver(container.resolve(HOST), container.resolve(STATE_PATHS).root, options.compression),
    },
  },
  undo: {
    // A journal is a file that somebody may have touched: only what can be ours is removed.
    remove: ({ path }, { root }) => {
      if (/^squash\/[\w-]+\.erofs\.\w+$/.test(relative(root, String(path)))) rmSync(String(path), { force: true });
    },
  },
});
