import { type Dirent, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE } from '../package-paths.js';
import { lines, link, names, text } from './read.js';

/** Every mount of this namespace, without the ids that the kernel gives out. */
export function mounts(): string[] {
  // proc_pid_mountinfo(5): the first two fields and the peer group numbers are ids.
  return lines('/proc/self/mountinfo').map((line) => line.replace(/^\d+ \d+ \S+ /, '').replace(/:\d+/g, ''));
}

/** Directories that tsbox made in any hierarchy. */
export function cgroupDirectories(): string[] {
  const hierarchies = lines('/proc/self/mountinfo')
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => line.split(' ')[4] as string);
  return hierarchies.flatMap((hierarchy) => tree(hierarchy, ({ name }) => /^tsbox/.test(name)));
}

/** All below the directories whose entry is chosen; elsewhere only the way to them. */
function tree(directory: string, isChosen: (entry: Dirent) => boolean, inside = false): string[] {
  return directories(directory).flatMap((entry) => {
    const path = join(directory, entry.name);
    const chosen = inside || isChosen(entry);
    return [...(chosen ? [path] : []), ...tree(path, isChosen, chosen)];
  });
}

function directories(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  } catch {
    return [];
  }
}

const SYSCTLS = [
  'kernel/core_pattern',
  'kernel/keys/maxkeys',
  'net/bridge/bridge-nf-call-ip6tables',
  'net/bridge/bridge-nf-call-iptables',
  'net/ipv4/ip_forward',
  'net/ipv4/ip_unprivileged_port_start',
  'net/ipv4/ping_group_range',
  'user/max_user_namespaces',
];
const PER_LINK = [
  'accept_local',
  'accept_ra',
  'arp_ignore',
  'disable_ipv6',
  'forwarding',
  'proxy_arp',
  'route_localnet',
  'rp_filter',
];

export function sysctls(): string[] {
  const perLink = ['ipv4', 'ipv6'].flatMap((family) =>
    names(`/proc/sys/net/${family}/conf`).flatMap((name) => PER_LINK.map((key) => `net/${family}/conf/${name}/${key}`)),
  );
  return [...SYSCTLS, ...perLink].flatMap((key) => lines(`/proc/sys/${key}`).map((value) => `${key} = ${value}`));
}

export function loopDevices(): string[] {
  return names('/sys/block').flatMap((name) =>
    lines(`/sys/block/${name}/loop/backing_file`).map((file) => `${name} ${file}`),
  );
}

/** Where state lies unless a flag says otherwise: root's and a user's. */
export function tsboxFiles(): string[] {
  const { XDG_DATA_HOME = join(homedir(), '.local/share'), XDG_RUNTIME_DIR = '/run/user' } = process.env;
  const places = ['/var/lib/tsbox', '/run/tsbox', join(XDG_DATA_HOME, 'tsbox'), join(XDG_RUNTIME_DIR, 'tsbox')];
  return places.flatMap((place) => entriesBelow(place, 4));
}

function entriesBelow(directory: string, depth: number): string[] {
  return names(directory).flatMap((name) => {
    const path = join(directory, name);
    return [path, ...(depth > 0 ? entriesBelow(path, depth - 1) : [])];
  });
}

export function temporaryFiles(): string[] {
  return ['/tmp', '/var/tmp', '/dev/shm'].flatMap((directory) => names(directory).map((name) => join(directory, name)));
}

/** Keys and their bytes charged to each user: keyrings(7). */
export function keys(): string[] {
  return lines('/proc/key-users').map((line) => {
    const [uid, , , count, bytes] = line.trim().split(/\s+/);
    return `${uid} ${count?.split('/')[0]} keys, ${bytes?.split('/')[0]} bytes`;
  });
}

const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'];

interface FoundProcess {
  readonly pid: string;
  readonly parent: string;
  readonly line: string;
  readonly command: string;
  readonly namespaces: readonly string[];
}

/**
 * Processes that can be ours, and the namespaces that they are in: below this process, in a namespace
 * that it is not in, in a cgroup of tsbox, or running something of this checkout. What else starts on a
 * machine meanwhile is no test's doing.
 */
export function processes(): { list: string[]; namespaces: string[] } {
  const found = names('/proc').flatMap((name) => (/^\d+$/.test(name) ? describeProcess(name) : []));
  const parents = new Map(found.map(({ pid, parent }) => [pid, parent]));
  const own = new Set(namespacesOf('self'));
  const canBeOurs = ({ pid, command, namespaces }: FoundProcess) =>
    isBelow(pid, parents) ||
    namespaces.some((namespace) => !own.has(namespace)) ||
    command.includes(PACKAGE) ||
    command.includes('tsbox') ||
    text(`/proc/${pid}/cgroup`).includes('/tsbox/');
  const ours = found.filter(canBeOurs);
  return {
    list: ours.map(({ line }) => line),
    namespaces: [...new Set(ours.flatMap(({ namespaces }) => namespaces))].sort(),
  };
}

function describeProcess(pid: string): FoundProcess[] {
  // proc_pid_stat(5): the name is in parentheses and may hold any character.
  const [, comm, rest] = /\((.*)\) (.*)$/s.exec(text(`/proc/${pid}/stat`)) ?? [];
  if (rest === undefined) return [];
  const fields = rest.split(' ');
  const [state, parent = '', started] = [fields[0], fields[1], fields[19]];
  if (parent === '2' || pid === '2') return [];
  const command = text(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
  const line = `${pid} (started ${started}) ${state === 'Z' ? 'zombie ' : ''}${command.slice(0, 100) || comm}`;
  return [{ pid, parent, line, command, namespaces: namespacesOf(pid) }];
}

function namespacesOf(pid: string): string[] {
  return NAMESPACES.flatMap((name) => link(`/proc/${pid}/ns/${name}`) || []);
}

function isBelow(pid: string, parents: ReadonlyMap<string, string>): boolean {
  for (let at = parents.get(pid); at !== undefined; at = parents.get(at)) if (at === String(process.pid)) return true;
  return false;
}
