import type { CatalogueEntry, Failure } from '../diagnosis.js';
import { hasErrno, isAction } from '../facts.js';
import { type MountEntry, overlayDirectories } from '../look/mountinfo.js';
import { mountTableFull } from './userns.js';

const OVERLAY_MAGIC = 0x794c7630;
/** The kernel's FILESYSTEM_MAX_STACK_DEPTH. */
const MAX_DEPTH = 2;
const MOUNTING = ['mount', 'move_mount', 'open_tree', 'fsmount', 'clone3', 'clone', 'unshare', 'pivot_root'];

/** Where containers are kept, and how their root file systems are mounted. */
export const STORAGE: readonly CatalogueEntry[] = [
  {
    id: 'overlay-on-overlay',
    title: 'The store is on an overlay',
    why: 'An overlay cannot have its upper directory on another overlay, as inside of a docker container.',
    fix: [
      'put the store on another file system with --root: in docker a volume, -v tsbox:/var/lib/tsbox',
      'or --storage=copy, which takes any file system',
    ],
    see: ['mount(8)'],
    match: ({ facts, launch, host }) =>
      mountsOverlay(facts) && launch && host.statfs(launch.root)?.type === OVERLAY_MAGIC ? {} : undefined,
  },
  {
    id: 'store-file-system',
    title: 'The file system of the store cannot hold an overlay',
    why: "An overlay's upper directory needs a local file system with extended attributes, such as ext4, xfs, btrfs or tmpfs; NFS, FUSE, CIFS, FAT and those that stack or fold case are refused.",
    fix: ['choose a place on another file system with --root', 'or --storage=copy'],
    see: ['mount(8)'],
  },
  {
    id: 'overlay-too-deep',
    title: 'Too many overlays on top of each other',
    why: 'The kernel stacks at most two file systems (FILESYSTEM_MAX_STACK_DEPTH): an image that lies on an overlay on an overlay cannot be the lower layer of a third one.',
    fix: [
      'copy the image to a file system of its own: cp -a IMAGE /var/tmp/image',
      'or --storage=copy, which reads it and stacks nothing',
    ],
    see: ['mount(8)'],
    match: (failure) => {
      if (!mountsOverlay(failure.facts) || !hasErrno(failure.facts, 'EINVAL')) return undefined;
      const deep = failure.launch?.layers?.find((layer) => depthOf(layer, failure) >= MAX_DEPTH);
      if (deep === undefined) return undefined;
      return {
        why: `${deep} is on an overlay whose own layers are on an overlay, and the kernel stacks only two`,
        fix: [`copy the image to a file system that is none: cp -a ${deep} DIRECTORY`, 'or use --storage=copy'],
      };
    },
  },
  {
    id: 'too-many-layers',
    title: 'The image has too many layers',
    why: 'An overlay takes at most 500 lower layers.',
    fix: [
      '--storage=copy takes any number',
      'or build the image with fewer layers; tsbox export and an image of one directory has one',
    ],
    see: ['mount(8)'],
  },
  {
    id: 'overlay-not-in-kernel',
    title: 'The kernel has no overlay file system',
    why: 'It is neither built in nor a module that can be loaded.',
    fix: ['modprobe overlay', 'or use --storage=copy'],
    see: ['modprobe(8)', 'filesystems(5)'],
  },
  {
    id: 'layer-unreadable',
    title: 'A layer of the image cannot be used',
    why: 'A directory of the image is missing, or this user may not pass through the directories above it.',
    fix: ['namei -l DIRECTORY shows who may pass', 'fetch or build the image again'],
    see: ['path_resolution(7)', 'namei(1)'],
    match: ({ facts, launch }) => {
      if (facts.kind !== 'op' || !hasErrno(facts, 'EACCES', 'ENOENT')) return undefined;
      const layer = launch?.layers?.find((each) => facts.target.split(' ').includes(each));
      if (layer === undefined) return undefined;
      const why = facts.errno === 'ENOENT' ? `${layer} is gone` : `${layer} cannot be read by this user`;
      return { why, fix: [`namei -l ${layer} shows who may pass`, 'or build the image again'] };
    },
  },
  {
    id: 'mount-table-full',
    title: 'The mount table is full',
    why: 'A mount namespace holds at most fs.mount-max mounts, and this one has as many. Every container begins with a copy of them.',
    fix: [
      'sysctl -w fs.mount-max=200000',
      'findmnt -l | wc -l counts them: something on this machine mounts and never unmounts',
    ],
    see: ['proc_sys_fs(5)', 'mount_namespaces(7)', 'findmnt(8)'],
    match: (failure) => {
      if (!isAction(failure.facts, ...MOUNTING) || !hasErrno(failure.facts, 'ENOSPC')) return undefined;
      if (!mountTableFull(failure)) return undefined;
      const [count, most] = [failure.host.mounts().length, failure.host.read('/proc/sys/fs/mount-max')];
      return { why: `the mount table is full: ${count} mounts, of the ${most} that fs.mount-max allows` };
    },
  },
  {
    id: 'nodev-devices',
    title: 'Devices are on a mount with nodev',
    why: 'On a mount with the option nodev no device can be opened; the container needs those of /dev.',
    fix: ['mount -o remount,dev /dev', 'findmnt -T /dev/null shows the mount and its options'],
    see: ['mount(8)'],
    match: ({ facts, host }) => {
      if (!hasErrno(facts, 'EACCES') || !isAction(facts, 'open', 'openat', 'openat2')) return undefined;
      const device = [facts.path, ...facts.target.split(' ')].find((word) => word?.startsWith('/dev/'));
      const mount = device === undefined ? undefined : host.mountOf(device);
      if (!mount?.flags.includes('nodev')) return undefined;
      return {
        why: `${device} is on ${mount.target}, which is mounted nodev`,
        fix: [`mount -o remount,dev ${mount.target}`],
      };
    },
  },
  {
    id: 'no-space',
    title: 'No space is left',
    why: 'The file system of the store is full.',
    fix: [
      'df -h says which',
      'tsbox system df shows what containers and images take; tsbox system prune frees what nothing uses',
      'or choose another place with --root',
    ],
    see: ['df(1)'],
    match: onStore('ENOSPC', (free) => free !== 0),
  },
  {
    id: 'no-inodes',
    title: 'No inode is left',
    why: 'The file system of the store has room for bytes, but not for another file.',
    fix: [
      'df -i says which',
      'tsbox system prune removes what nothing uses',
      'or make the file system anew with more inodes',
    ],
    see: ['df(1)', 'inode(7)'],
    match: onStore('ENOSPC', (free) => free === 0),
  },
  {
    id: 'disk-quota',
    title: 'The disk quota is used up',
    why: 'The user who owns the files has as many blocks or inodes as the quota of the file system allows.',
    fix: ['quota -s shows it', 'tsbox system prune removes what nothing uses', 'or have the quota raised: setquota(8)'],
    see: ['quota(1)', 'setquota(8)'],
    match: onStore('EDQUOT', () => true),
  },
  {
    id: 'read-only-store',
    title: 'The place of the state is read-only',
    why: 'The file system of --root or --runroot is mounted read-only.',
    fix: ['mount -o remount,rw MOUNTPOINT', 'or choose another --root and --runroot'],
    see: ['mount(8)'],
    match: (failure) => {
      const { facts, host } = failure;
      // Node's recursive mkdir says ENOENT of a place that is read-only.
      const mount = isAction(facts, 'mkdir') && hasErrno(facts, 'ENOENT') && host.mountOf(facts.path ?? facts.target);
      if (mount && [...mount.flags, ...mount.options].includes('ro'))
        return { why: `${facts.path ?? facts.target} cannot be made: its file system is read-only (${mount.target})` };
      return onStore('EROFS', () => true)(failure);
    },
  },
  {
    id: 'store-not-writable',
    title: 'This user may not write to the place of the state',
    why: '--root or --runroot belongs to somebody else.',
    fix: ['run tsbox as its owner', 'or choose another --root and --runroot'],
    see: ['path_resolution(7)'],
  },
  {
    id: 'store-not-a-directory',
    title: 'The place of the state is not a directory',
    why: 'A part of the path of --root or --runroot is a file.',
    fix: ['choose another --root and --runroot'],
  },
  {
    id: 'disk-error',
    title: 'The disk has an error',
    why: 'The kernel could not read or write the disk (EIO).',
    fix: ['see dmesg, and check the disk: smartctl -a DEVICE'],
    see: ['dmesg(1)'],
  },
  {
    id: 'busy-mount',
    title: 'Something is mounted there',
    why: 'A file or directory of a container is a mount point, or in use by the kernel: it cannot be removed or mounted on.',
    fix: ['findmnt -R DIRECTORY shows what is mounted; umount it, then try again'],
    see: ['findmnt(8)', 'umount(8)'],
    match: ({ facts, launch, host }) => {
      if (!hasErrno(facts, 'EBUSY', 'EXDEV')) return undefined;
      const place = facts.path ?? launch?.container ?? '';
      const below = host.mounts().filter(({ target }) => isBelow(target, [place, launch?.container]));
      const [first] = below;
      if (!first) return undefined;
      const why = `${first.target} is a mount point (${first.type})${below.length > 1 ? `, and ${below.length - 1} more are mounted there` : ''}`;
      return { why, fix: [`umount ${first.target}, and try again`] };
    },
  },
];

function isBelow(target: string, places: readonly (string | undefined)[]): boolean {
  return places.some((place) => place !== undefined && place !== '' && `${target}/`.startsWith(`${place}/`));
}

function mountsOverlay({ action, target }: Failure['facts']): boolean {
  return action === 'fsconfig' || (action === 'mount' && / overlay /.test(` ${target} `));
}

function onStore(errno: string, is: (freeInodes: number) => boolean): (failure: Failure) => object | undefined {
  return ({ facts, launch, host }) => {
    if (!hasErrno(facts, errno) || isAction(facts, ...MOUNTING, 'keyctl')) return undefined;
    if (/(^| )\/(sys|proc)\//.test(facts.target)) return undefined;
    const place = facts.path ?? launch?.root;
    const found = place === undefined ? undefined : host.statfs(place);
    return found && is(found.files > 0 ? found.ffree : 1) ? {} : undefined;
  };
}

/** How many overlays a directory lies on. */
function depthOf(path: string, { host }: Failure, from?: MountEntry): number {
  const mount = from ?? host.mountOf(path);
  if (mount?.type !== 'overlay') return 0;
  const below = overlayDirectories(mount).filter((directory) => directory.startsWith('/'));
  return (
    1 +
    Math.max(
      0,
      ...below.map((directory) => (host.mountOf(directory) === mount ? 0 : depthOf(directory, { host } as Failure))),
    )
  );
}
