import { closeSync, openSync, statSync } from 'node:fs';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_RECURSIVE,
  type Gate,
  type Host,
  hasCode,
  kernelAtLeast,
  type Launch,
  MOUNT_ATTR_IDMAP,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_SIZE,
  MS_PRIVATE,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  TsboxError,
} from '../../core/plugin/index.js';

/** A directory or file of the host that the engine opens for a child which has no right to. */
export interface Tree {
  readonly source: string;
  /** Under which the child takes it. */
  readonly handle: string;
  /** Below the scratch directory in the child. */
  readonly name: string;
  readonly kind: 'file' | 'directory';
  readonly recursive: boolean;
  readonly attributes: number;
}

/** Overlay takes idmapped layers since 5.19; the mounts themselves came with 5.12 (mount_setattr(2)). */
export function canMapOwners(host: Host): boolean {
  return kernelAtLeast(host, 5, 19);
}

/** What a launch is made of: its own directory, the layers, and what the user binds. */
export function treesOf(launch: Launch): Tree[] {
  // With what a storage driver has mounted in it: a tmpfs that the container writes to.
  const own = { ...directory(launch.paths.container, 'own', MOUNT_ATTR_IDMAP), recursive: true };
  const layers = [...launch.trees].map((path, index) =>
    directory(path, `tree${index}`, MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY),
  );
  return [own, ...layers, ...bindsOf(launch), ...volumesOf(launch)];
}

function directory(source: string, name: string, attributes: number): Tree {
  return { source, handle: `user-map:${name}`, name, kind: 'directory', recursive: false, attributes };
}

/** Of containers with any range of ids: on disk their files have the ids that they have inside. */
function volumesOf({ volumes }: Launch): Tree[] {
  return [...new Set(volumes.values())].map((source, index) => ({
    ...directory(source, `bind-volume${index}`, MOUNT_ATTR_IDMAP),
    recursive: true,
  }));
}

/** Without mapped owners: files of the host's root stay the host's root's. */
function bindsOf(launch: Launch): Tree[] {
  const sources = new Map<string, boolean>();
  for (const mount of launch.spec.mounts) if (mount.type === 'bind') sources.set(mount.source, mount.recursive);
  return [...sources].map(([source, recursive], index) => {
    const isFile = statSync(source, { throwIfNoEntry: false })?.isDirectory() === false;
    const kind = isFile ? 'file' : 'directory';
    return { source, handle: `user-map:bind${index}`, name: `bind${index}`, kind, recursive, attributes: 0 };
  });
}

/**
 * Makes the mounts, in no tree of the host, and hands them to the waiting child. The child could not:
 * mapping owners takes CAP_SYS_ADMIN where the file system was mounted (mount_setattr(2)).
 */
export async function handOverTrees(launch: Launch, gate: Gate): Promise<void> {
  for (const tree of treesOf(launch)) {
    const action = tree.attributes & MOUNT_ATTR_IDMAP ? 'idmap' : 'open_tree';
    await launch.step({
      action,
      target: tree.source,
      run: () => launch.handOver(tree.handle, open(gate, launch.pid, tree)),
    });
  }
}

function open(gate: Gate, pid: number, tree: Tree): number {
  const recursive = tree.recursive ? AT_RECURSIVE : 0;
  const mount = gate.call('open_tree', AT_FDCWD, tree.source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive);
  const userns = openSync(`/proc/${pid}/ns/user`, 'r');
  try {
    const attributes = mountAttributes(tree.attributes, userns);
    gate.call('mount_setattr', mount, '', AT_EMPTY_PATH | recursive, attributes, MOUNT_ATTR_SIZE);
    return mount;
  } catch (error) {
    closeSync(mount);
    throw hasCode(error, 'EINVAL', 'EPERM') ? notMappable(tree.source, error) : error;
  } finally {
    closeSync(userns);
  }
}

/** `struct mount_attr`: attr_set, attr_clr, propagation, userns_fd. */
function mountAttributes(set: number, userns: number): Uint8Array {
  const attributes = Buffer.alloc(MOUNT_ATTR_SIZE);
  attributes.writeBigUInt64LE(BigInt(set), 0);
  attributes.writeBigUInt64LE(BigInt(MS_PRIVATE), 16);
  attributes.writeBigUInt64LE(BigInt(userns), 24);
  return attributes;
}

function notMappable(source: string, cause: unknown): TsboxError {
  return new TsboxError('ERR_TSBOX_NOT_ENFORCEABLE', {
    what: `cannot map the owners of the files in ${source}`,
    why: 'its file system has no idmapped mounts, so the container would see all of them as owned by nobody',
    fix: [
      'keep images and containers on ext4, xfs, btrfs or (from Linux 6.3) tmpfs: --root=DIRECTORY',
      'or run without a user namespace: --userns=host',
    ],
    cause,
  });
}
