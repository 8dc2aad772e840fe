import { statSync } from 'node:fs';
import {
  AT_FDCWD,
  AT_RECURSIVE,
  type ChildProgram,
  type Launch,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  type MountSpec,
  MS_SHARED,
  MS_SLAVE,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  type Slot,
} from '../../core/plugin/index.js';

type BindSpec = Extract<MountSpec, { type: 'bind' }>;
type TmpfsSpec = Extract<MountSpec, { type: 'tmpfs' }>;
type VolumeSpec = Extract<MountSpec, { type: 'volume' }>;

/** A mount with its place, made but not attached. */
export interface PlacedMount {
  readonly target: string;
  readonly kind: 'file' | 'directory';
  readonly mount: Slot;
}

/** Nosuid, nodev and noexec unless asked otherwise, as docker has it. */
const TMPFS_FLAGS = [
  ['nosuid', 'suid', MOUNT_ATTR_NOSUID],
  ['nodev', 'dev', MOUNT_ATTR_NODEV],
  ['noexec', 'exec', MOUNT_ATTR_NOEXEC],
] as const;

const BIND_HINT =
  'in a user namespace a source with mounts below it can only be bound with them (rbind): ' +
  'mount_namespaces(7), "locked mounts"';

/** What `-v`, `--mount`, `--tmpfs` and `--device` ask for. */
export function userMounts(child: ChildProgram, launch: Launch): PlacedMount[] {
  const mounts = launch.spec.mounts.flatMap((spec) => {
    if (spec.type === 'bind') return [bindMount(child, spec)];
    return [spec.type === 'tmpfs' ? tmpfsMount(child, spec) : volumeMount(child, launch, spec)];
  });
  const devices = launch.spec.resources.devices.filter(({ target }) => !target.startsWith('/dev/'));
  for (const { source, target } of devices) {
    mounts.push({ target, kind: 'file', mount: child.openTree(source, { recursive: false }) });
  }
  return mounts;
}

function bindMount(child: ChildProgram, spec: BindSpec): PlacedMount {
  const { source, target, readOnly, recursive } = spec;
  const mount =
    spec.propagation === 'slave' || spec.propagation === 'shared'
      ? propagatedTree(child, spec)
      : child.openTree(source, { readOnly, recursive, hint: BIND_HINT });
  return { target, kind: statSync(source).isDirectory() ? 'directory' : 'file', mount };
}

/** What its administrator mounted below the data of a volume is seen, as with a bind. */
function volumeMount(child: ChildProgram, { volumes }: Launch, { target, readOnly }: VolumeSpec): PlacedMount {
  const directory = volumes.get(target);
  if (directory === undefined) throw new Error(`the engine has no volume for ${target}`);
  return { target, kind: 'directory', mount: child.openTree(directory, { readOnly, hint: BIND_HINT }) };
}

/**
 * A tree that stays tied to the host's. Taken in the host's mount namespace, because in the container's
 * all mounts have become private before the first op of ours.
 */
function propagatedTree(child: ChildProgram, { source, readOnly, recursive, propagation }: BindSpec): Slot {
  const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0);
  const tree = child.launcher.callTo('tree', 'open_tree', [AT_FDCWD, source, flags]);
  child.setAttributes(child.launcher, tree, {
    propagation: propagation === 'slave' ? MS_SLAVE : MS_SHARED,
    recursive,
    ...(readOnly && { set: MOUNT_ATTR_RDONLY }),
  });
  return tree;
}

function tmpfsMount(child: ChildProgram, { target, readOnly, size, mode, options }: TmpfsSpec): PlacedMount {
  const tmpfs = child
    .fsopen('tmpfs')
    .set('source', 'tmpfs')
    .set('mode', (mode ?? 0o1777).toString(8));
  if (size !== undefined) tmpfs.set('size', String(size));
  let attributes = readOnly ? MOUNT_ATTR_RDONLY : 0;
  for (const [set, clear, attribute] of TMPFS_FLAGS) {
    // The last word wins, as in mount(8).
    if (options.lastIndexOf(set) >= options.lastIndexOf(clear)) attributes |= attribute;
  }
  return { target, kind: 'directory', mount: tmpfs.mount(attributes) };
}
