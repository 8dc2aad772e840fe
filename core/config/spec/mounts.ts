import type { MountSpec } from '../../plugin/spec.js';
import { parseMount } from '../parse/mount.js';
import { parseSize } from '../parse/size.js';
import { parseTmpfs } from '../parse/tmpfs.js';
import { parseVolume } from '../parse/volume.js';
import { badValue, type Found } from '../place.js';
import type { Settings } from '../settings.js';

interface Placed {
  readonly found: Found<string>;
  readonly mount: MountSpec;
}

const SHM_SIZE = 64 * 1024 ** 2;

/** Everything to mount, parents before what lies below them. A nearer layer's mount replaces a farther one's. */
export function resolveMounts(settings: Settings): MountSpec[] {
  const placed: Placed[] = [
    ...settings.all('volume').map((found) => ({ found, mount: parseVolume(found) })),
    ...settings.all('mount').map((found) => ({ found, mount: parseMount(found) })),
    ...settings.all('tmpfs').map((found) => ({ found, mount: parseTmpfs(found) })),
  ];
  const byTarget = new Map<string, Placed>();
  for (const next of placed) {
    const { target } = next.mount;
    const earlier = byTarget.get(target);
    if (earlier?.found.distance === next.found.distance)
      throw badValue(next.found, `${target} is mounted twice`, 'give each target once');
    if (!earlier || next.found.distance < earlier.found.distance) byTarget.set(target, next);
  }
  return [...byTarget.values()].map(({ mount }) => mount).sort((a, b) => depth(a) - depth(b));
}

const depth = (mount: MountSpec): number => mount.target.split('/').length;

/** Bytes of /dev/shm. */
export function resolveShmSize(settings: Settings): number {
  return settings.parsed('bytes', 'shmSize', parseSize).bytes ?? SHM_SIZE;
}
