import { existsSync, readFileSync } from 'node:fs';

/** `hybrid`: controllers in v1 hierarchies, and a v2 hierarchy beside them. `none`: nothing is mounted. */
export type CgroupMode = 'v1' | 'v2' | 'hybrid' | 'none';

/** One mounted hierarchy: cgroups(7). */
export interface CgroupHierarchy {
  readonly version: 1 | 2;
  /** Where it is mounted in this process's mount namespace. */
  readonly mountpoint: string;
  /** What of the hierarchy that mount shows: `/`, or a cgroup that was bound there, as container managers do. */
  readonly root: string;
  /**
   * v1: the controllers that are mounted together, as mount options name them; empty for a named hierarchy.
   * v2: what cgroup.controllers at the mountpoint offers.
   */
  readonly controllers: readonly string[];
  /** v1: the option `name=`, e.g. `systemd`. */
  readonly name?: string;
  /** The cgroup of this process in it, as /proc/self/cgroup counts it. */
  readonly own: string;
  /** The directory of that cgroup, where the mount shows it. */
  readonly ownDirectory: string | undefined;
}

export interface CgroupLayout {
  readonly mode: CgroupMode;
  /** v1 hierarchies in mount order, then the v2 one. */
  readonly hierarchies: readonly CgroupHierarchy[];
  /** The v2 hierarchy, where it is mounted. */
  readonly unified: CgroupHierarchy | undefined;
}

/** What /proc and the mounted hierarchies say; reads a file per v2 mount. */
export function readCgroupLayout(): CgroupLayout {
  // A kernel without cgroups has no /proc/self/cgroup.
  const own = existsSync('/proc/self/cgroup') ? readFileSync('/proc/self/cgroup', 'utf8') : '';
  return parseCgroupLayout(own, readFileSync('/proc/self/mountinfo', 'utf8'), (mountpoint) =>
    readFileSync(`${mountpoint}/cgroup.controllers`, 'utf8'),
  );
}

/** The v1 hierarchy that has a controller. */
export function findController(layout: CgroupLayout, controller: string): CgroupHierarchy | undefined {
  return layout.hierarchies.find((one) => one.version === 1 && one.controllers.includes(controller));
}

/**
 * Joins the two texts: a mount is known by the set of controllers (or the name) in its options, never by its
 * path. `readControllers` gives the text of cgroup.controllers below a v2 mountpoint.
 */
export function parseCgroupLayout(
  selfCgroup: string,
  mountinfo: string,
  readControllers: (mountpoint: string) => string,
): CgroupLayout {
  const mounts = visibleMounts(mountinfo);
  const memberships = parseMemberships(selfCgroup);
  const v1 = memberships.filter((one) => one.key !== '').flatMap((one) => hierarchyOf(one, mounts, []) ?? []);
  v1.sort((a, b) => orderOf(mounts, a) - orderOf(mounts, b));
  const unifiedMount = best(mounts.filter((mount) => mount.type === 'cgroup2'));
  const membership = memberships.find((one) => one.key === '');
  const controllers = unifiedMount && membership ? words(readControllers(unifiedMount.mountpoint)) : [];
  const unified = membership && hierarchyOf(membership, mounts, controllers);
  const hasV1 = v1.some((one) => one.controllers.length > 0);
  const mode = unified ? (hasV1 ? 'hybrid' : 'v2') : v1.length > 0 ? 'v1' : 'none';
  return { mode, hierarchies: unified ? [...v1, unified] : v1, unified };
}

/** A line of /proc/self/cgroup: `4:cpu,cpuacct:/own`, `1:name=systemd:/own`, `0::/own`. */
interface Membership {
  /** The controllers in alphabetical order, `name=…`, or empty for v2. */
  readonly key: string;
  readonly own: string;
}

interface CgroupMount {
  readonly type: string;
  readonly root: string;
  readonly mountpoint: string;
  readonly options: readonly string[];
}

function parseMemberships(text: string): Membership[] {
  return lines(text).map((line) => {
    // The path may contain colons; the controllers do not.
    const match = /^\d+:([^:]*):(\/.*)$/.exec(line);
    if (!match) throw new Error(`/proc/self/cgroup: cannot read the line ${JSON.stringify(line)}`);
    return { key: keyOf((match[1] as string).split(',')), own: match[2] as string };
  });
}

/** proc_pid_mountinfo(5): optional fields end at a lone `-`. A later mount hides an earlier one at its place. */
function visibleMounts(text: string): CgroupMount[] {
  const found = new Map<string, CgroupMount>();
  for (const line of lines(text)) {
    const [before = '', after = ''] = line.split(' - ', 2);
    const [, , , root = '', mountpoint = ''] = before.split(' ').map(unescape);
    const [type = '', , options = ''] = after.split(' ');
    found.delete(mountpoint);
    if (type === 'cgroup' || type === 'cgroup2') found.set(mountpoint, { type, root, mountpoint, options: options.split(',') });
  }
  return [...found.values()];
}

function hierarchyOf(membership: Membership, mounts: CgroupMount[], v2Controllers: string[]): CgroupHierarchy | undefined {
  const { key, own } = membership;
  const mount = best(mounts.filter((one) => (key === '' ? one.type === 'cgroup2' : shows(one, key))));
  if (!mount) return undefined;
  const named = key.split(',').find((part) => part.startsWith('name='));
  return {
    version: key === '' ? 2 : 1,
    mountpoint: mount.mountpoint,
    root: mount.root,
    controllers: key === '' ? v2Controllers : key.split(',').filter((part) => part !== named),
    ...(named && { name: named.slice('name='.length) }),
    own,
    ownDirectory: ownDirectory(mount, own),
  };
}

/** Whether a v1 mount is the hierarchy of this key; mount options hold flags (`rw`, `xattr`) besides. */
function shows(mount: CgroupMount, key: string): boolean {
  return mount.type === 'cgroup' && key.split(',').every((part) => mount.options.includes(part));
}

/** Of several mounts of one hierarchy the one that shows all of it, then the first. */
function best(mounts: CgroupMount[]): CgroupMount | undefined {
  return mounts.find((mount) => mount.root === '/') ?? mounts[0];
}

/** Undefined where the own cgroup lies outside of what is mounted (`/..`: above the cgroup namespace's root). */
function ownDirectory(mount: CgroupMount, own: string): string | undefined {
  if (own.split('/').includes('..') || mount.root.split('/').includes('..')) return undefined;
  if (mount.root === '/') return own === '/' ? mount.mountpoint : mount.mountpoint + own;
  if (own !== mount.root && !own.startsWith(`${mount.root}/`)) return undefined;
  return mount.mountpoint + own.slice(mount.root.length);
}

function orderOf(mounts: CgroupMount[], hierarchy: CgroupHierarchy): number {
  return mounts.findIndex((mount) => mount.mountpoint === hierarchy.mountpoint);
}

function keyOf(parts: string[]): string {
  return parts.toSorted().join(',');
}

/** Spaces and tabs in paths are octal escapes there. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
