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
  const v1 = [...v1Mounts(mounts, memberships)].map(([membership, mount]) => v1Hierarchy(membership, mount));
  const unified = v2Hierarchy(best(mounts.filter((mount) => mount.type === 'cgroup2')), memberships, readControllers);
  const hasV1 = v1.some((one) => one.controllers.length > 0);
  const mode = unified ? (hasV1 ? 'hybrid' : 'v2') : v1.length > 0 ? 'v1' : 'none';
  return { mode, hierarchies: unified ? [...v1, unified] : v1, unified };
}

/** A line of /proc/self/cgroup: `4:cpu,cpuacct:/own`, `1:name=systemd:/own`, `0::/own`. */
interface Membership {
  /** The controllers and `name=…` of a v1 hierarchy; none for v2. */
  readonly parts: readonly string[];
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
    return { parts: match[1] === '' ? [] : (match[1] as string).split(','), own: match[2] as string };
  });
}

/** proc_pid_mountinfo(5): optional fields end at a lone `-`. A later mount hides an earlier one at its place. */
function visibleMounts(text: string): CgroupMount[] {
  const found = new Map<string, CgroupMount>();
  for (const line of lines(text)) {
    const fields = line.split(' ');
    const mountpoint = unescapePath(fields[4] as string);
    const end = fields.indexOf('-', 6);
    const type = fields[end + 1];
    found.delete(mountpoint);
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    found.set(mountpoint, {
      type,
      root: unescapePath(fields[3] as string),
      mountpoint,
      options: (fields[end + 3] as string).split(','),
    });
  }
  return [...found.values()];
}

/** The mount of each v1 hierarchy: options name controllers among flags (`rw`, `xattr`), which no membership has. */
function v1Mounts(mounts: CgroupMount[], memberships: Membership[]): Map<Membership, CgroupMount> {
  const byPart = new Map(
    memberships.flatMap((membership) => membership.parts.map((part) => [part, membership] as const)),
  );
  const found = new Map<Membership, CgroupMount>();
  for (const mount of mounts) {
    if (mount.type !== 'cgroup') continue;
    const known = mount.options.find((option) => byPart.has(option));
    const membership = known === undefined ? undefined : byPart.get(known);
    if (!membership?.parts.every((part) => mount.options.includes(part))) continue;
    const rival = found.get(membership);
    found.set(membership, rival ? (best([rival, mount]) as CgroupMount) : mount);
  }
  return found;
}

function v1Hierarchy({ parts, own }: Membership, mount: CgroupMount): CgroupHierarchy {
  const name = parts.find((part) => part.startsWith('name='));
  return {
    version: 1,
    mountpoint: mount.mountpoint,
    root: mount.root,
    controllers: parts.filter((part) => part !== name),
    ...(name !== undefined && { name: name.slice('name='.length) }),
    own,
    ownDirectory: ownDirectory(mount, own),
  };
}

function v2Hierarchy(
  mount: CgroupMount | undefined,
  memberships: Membership[],
  readControllers: (mountpoint: string) => string,
): CgroupHierarchy | undefined {
  const membership = memberships.find(({ parts }) => parts.length === 0);
  if (!mount || !membership) return undefined;
  const { mountpoint, root } = mount;
  const { own } = membership;
  const controllers = words(readControllers(mountpoint));
  return { version: 2, mountpoint, root, controllers, own, ownDirectory: ownDirectory(mount, own) };
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

/** Spaces and tabs in paths are octal escapes there. */
function unescapePath(text: string): string {
  return !text.includes('\\')
    ? text
    : text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
