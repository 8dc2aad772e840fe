import { readdirSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { S_IFBLK, S_IFCHR } from '../kernel/fcntl.js';
import type { Launch } from './launch.js';

/** A device node of a container. */
export interface DeviceNode {
  /** Path below /dev. */
  readonly name: string;
  /** Of the host. */
  readonly source: string;
  /** Type and permissions, as mknod(2) takes them. */
  readonly mode: number;
  readonly major: number;
  readonly minor: number;
  readonly uid: number;
  readonly gid: number;
}

/** What every container has. */
export const STANDARD_NODES: readonly DeviceNode[] = [
  standard('null', 1, 3),
  standard('zero', 1, 5),
  standard('full', 1, 7),
  standard('random', 1, 8),
  standard('urandom', 1, 9),
  standard('tty', 5, 0),
];

/** Of the host's /dev what a container has its own of, or what is no device of the machine. */
const OWN = ['pts', 'ptmx', 'shm', 'mqueue', 'console', 'fd', 'stdin', 'stdout', 'stderr', 'core'];

function standard(name: string, major: number, minor: number): DeviceNode {
  return { name, source: `/dev/${name}`, mode: S_IFCHR | 0o666, major, minor, uid: 0, gid: 0 };
}

/** The standard nodes, those of `--device` whose place is below /dev, and with `--privileged` the host's. */
export function deviceNodes({ spec }: Launch): readonly DeviceNode[] {
  const asked = spec.resources.devices
    .filter(({ target }) => target.startsWith('/dev/'))
    .map(({ source, target }) => nodeOf(source, target.slice('/dev/'.length)));
  const all = spec.security.privileged ? [...asked, ...hostNodes()] : asked;
  const names = new Set(STANDARD_NODES.map(({ name }) => name));
  const further: DeviceNode[] = [];
  for (const node of all) {
    if (!node || names.has(node.name)) continue;
    names.add(node.name);
    further.push(node);
  }
  return [...STANDARD_NODES, ...further];
}

/** The node as it is on the host; undefined for what is no device, or went away. */
export function nodeOf(source: string, name: string): DeviceNode | undefined {
  const stats = statSync(source, { throwIfNoEntry: false });
  if (!stats?.isCharacterDevice() && !stats?.isBlockDevice()) return undefined;
  const { rdev, uid, gid } = stats;
  const type = stats.isBlockDevice() ? S_IFBLK : S_IFCHR;
  // gnu_dev_major(3) of the 64-bit number that stat gives; minors of more than 20 bits do not exist.
  const major = (rdev >>> 8) & 0xfff;
  const minor = (rdev & 0xff) | ((rdev >>> 12) & 0xfff00);
  return { name, source, mode: type | (stats.mode & 0o777), major, minor, uid, gid };
}

function hostNodes(directory = ''): DeviceNode[] {
  return readdirSync(`/dev/${directory}`, { withFileTypes: true }).flatMap((entry) => {
    const name = posix.join(directory, entry.name);
    if (OWN.includes(name) || entry.isSymbolicLink()) return [];
    if (entry.isDirectory()) return hostNodes(name);
    return nodeOf(`/dev/${name}`, name) ?? [];
  });
}
