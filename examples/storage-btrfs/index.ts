import { closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { ChildProgram, Gate, Launch, StorageDriver, StoredContainer } from 'tsbox/plugin';
import { definePlugin, hasCode, isOn, layersKey, refuseWholeMachine, STATE_PATHS, TreeCopier } from 'tsbox/plugin';

/** ioctl_btrfs(2): number, and where the name is in its argument of 4096 bytes. */
const SUBVOL_CREATE = { number: 0x50009418, name: 56 };
const SNAP_CREATE = { number: 0x50009417, name: 56 };
const SNAP_DESTROY = { number: 0x5000940f, name: 8 };

/** A subvolume for each set of layers, made once; of that a snapshot for each container. */
class BtrfsDriver implements StorageDriver {
  // Whoever is not root can make snapshots, but not delete them.
  readonly capabilities = { layers: true, unprivileged: false, clone: 'constant-time' } as const;

  constructor(readonly root: string) {}

  check() {
    return isOn(this.root, 'btrfs');
  }

  validate(launch: Launch): void {
    refuseWholeMachine(launch, 'btrfs');
  }

  async prepare(launch: Launch): Promise<void> {
    const path = join(launch.paths.container, 'rootfs');
    launch.rootfs = path;
    if (launch.again) return;
    const { layers } = launch.image;
    const template = join(this.root, 'btrfs', layersKey(layers, this.root));
    if (!existsSync(template)) await this.#makeTemplate(launch, layers, template);
    const run = () => snapshot(launch.gate, template, path);
    const undo = { kind: 'delete', args: { path } };
    await launch.step({ action: 'snapshot', target: `${template} to ${path}`, undo, keep: true, run });
  }

  record(child: ChildProgram, launch: Launch): void {
    child.rootfs(child.openTree(launch.rootfs as string, { recursive: false }));
  }

  contents({ directory, image }: StoredContainer) {
    return [{ path: '/', base: image.layers, current: [`${directory}/rootfs`], marks: 'trusted' as const }];
  }

  async #makeTemplate(launch: Launch, layers: readonly string[], template: string): Promise<void> {
    const { gate, host, paths } = launch;
    const path = `${template}.${launch.shortId}`;
    const run = async () => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      control(gate, path, SUBVOL_CREATE);
      const copier = new TreeCopier(gate, host, (error) => error as Error);
      await copier.copy({ layers, target: path, leaveOut: [paths.root, paths.runroot] });
      for (const [kind, count] of copier.lostXattrs) launch.warn(`${count} extended attributes ${kind}.* were lost`);
    };
    const target = `${launch.image.reference} to ${template}`;
    await launch.step({ action: 'copy', target, undo: { kind: 'delete', args: { path } }, run });
    await launch.step({ action: 'rename', target: template, run: () => publish(gate, path, template) });
  }
}

/** Another launch may have been faster: its template is the same. */
function publish(gate: Gate, path: string, template: string): void {
  try {
    renameSync(path, template);
  } catch (error) {
    if (!hasCode(error, 'EEXIST', 'ENOTEMPTY')) throw error;
    remove(gate, path);
  }
}

function snapshot(gate: Gate, from: string, to: string): void {
  const source = openSync(from, 'r');
  try {
    control(gate, to, SNAP_CREATE, source);
  } finally {
    closeSync(source);
  }
}

/** One with subvolumes of the container's own in it is left to the removal of the container's directory. */
function remove(gate: Gate, path: string): void {
  try {
    control(gate, path, SNAP_DESTROY);
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTEMPTY')) throw error;
  }
}

function control(gate: Gate, path: string, { number, name }: typeof SNAP_CREATE, source = 0): void {
  const data = Buffer.alloc(4096);
  data.writeInt32LE(source, 0);
  data.write(basename(path), name);
  const directory = openSync(dirname(path), 'r');
  try {
    gate.call('ioctl', directory, number, data);
  } finally {
    closeSync(directory);
  }
}

export default definePlugin({
  name: 'storage-btrfs',
  apiVersion: 1,
  description: 'A snapshot of a btrfs subvolume for each container',
  drivers: { storage: { btrfs: (container) => new BtrfsDriver(container.resolve(STATE_PATHS).root) } },
  undo: {
    delete: ({ path }, { gate, root }) => {
      // A journal is a file that somebody may have touched: only what can be ours is deleted.
      const ours = /^(containers\/[^/.]+\/rootfs|btrfs\/[\w-]+\.\w+)$/;
      if (ours.test(relative(root, String(path)))) remove(gate, String(path));
    },
  },
});
