import { type Stats, statSync } from 'node:fs';
import type { Launch } from './launch.js';
import { notEnforceable } from './limit-write.js';
import type { DeviceSpec, SecuritySpec } from './spec.js';

/** One line of a device allow list: all else is refused. `undefined` numbers mean any. */
export interface DeviceRule {
  readonly type: 'b' | 'c';
  readonly major: number | undefined;
  readonly minor: number | undefined;
  /** Subset of `rwm`: read, write, mknod. */
  readonly access: string;
}

const MAKE_ANY: readonly DeviceRule[] = (['b', 'c'] as const).map((type) => rule(type, undefined, undefined, 'm'));
/** null, zero, full, random, urandom; tty, console, ptmx; the terminals of devpts. */
const DEFAULT: readonly DeviceRule[] = [
  ...[3, 5, 7, 8, 9].map((minor) => rule('c', 1, minor, 'rwm')),
  ...[0, 1, 2].map((minor) => rule('c', 5, minor, 'rwm')),
  rule('c', 136, undefined, 'rwm'),
];

/**
 * The devices that a container may use; undefined: all of them (a privileged container). Making a node
 * needs CAP_MKNOD as well; a node of a device that is not listed cannot be opened.
 */
export function deviceRules(launch: Launch): readonly DeviceRule[] | undefined {
  const { security, resources } = launch.spec;
  if (security.privileged) return undefined;
  return [...(holdsMknod(security) ? MAKE_ANY : []), ...DEFAULT, ...resources.devices.map(deviceRule)];
}

/** As devices.allow takes it: `c 1:3 rwm`, `c 136:* rwm`. */
export function formatDeviceRule({ type, major, minor, access }: DeviceRule): string {
  return `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`;
}

/** The numbers of a device of the host. The path is the user's; links such as /dev/disk/by-id are followed. */
function deviceRule({ source, access }: DeviceSpec): DeviceRule {
  let node: Stats;
  try {
    node = statSync(source);
  } catch (error) {
    throw notEnforceable('devices', `cannot look at ${source}`, 'name a device that exists on this machine', error);
  }
  if (!node.isBlockDevice() && !node.isCharacterDevice()) {
    throw notEnforceable('devices', `${source} is not a device`, 'bind other files with -v');
  }
  if (!/^[rwm]{1,3}$/.test(access))
    throw notEnforceable('devices', `${access} is not a subset of rwm`, `write ${source}:rwm`);
  return rule(node.isBlockDevice() ? 'b' : 'c', majorOf(node.rdev), minorOf(node.rdev), access);
}

/** makedev(3)'s 64-bit encoding; Linux has 12 bits of major and 20 of minor number. */
function majorOf(device: number): number {
  return (device >>> 8) & 0xfff;
}

function minorOf(device: number): number {
  return (device & 0xff) | ((device >>> 12) & 0xfff00);
}

/** Whether the container keeps CAP_MKNOD, which it has by default. */
export function holdsMknod({ capAdd, capDrop }: SecuritySpec): boolean {
  const among = (names: readonly string[]) => names.includes('ALL') || names.includes('MKNOD');
  return among(capAdd) || !among(capDrop);
}

function rule(type: 'b' | 'c', major: number | undefined, minor: number | undefined, access: string): DeviceRule {
  return { type, major, minor, access };
}
