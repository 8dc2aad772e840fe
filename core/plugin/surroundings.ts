import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { TsboxError } from './error.js';
import type { Launch } from './launch.js';
import { type Support, unsupported, WORKS } from './support.js';

/** File systems by their magic: statfs(2). */
export const FILE_SYSTEMS = { btrfs: 0x9123683e, tmpfs: 0x01021994, ext4: 0xef53, xfs: 0x58465342 } as const;

/** The magic of the file system that a path is on, or will be on when it is made. */
export function fileSystemOf(path: string): number {
  let place = path;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  return Number(statfsSync(place).type) >>> 0;
}

/** Whether what is at a path, a store mostly, is on a file system of that kind. */
export function isOn(path: string, name: keyof typeof FILE_SYSTEMS): Support {
  if (fileSystemOf(path) === FILE_SYSTEMS[name]) return WORKS;
  return unsupported(`${path} is not on ${name}`, `choose a place on ${name} with --root`);
}

/** File systems that the kernel had when they were asked for: each launch asks again. */
const known = new Set<string>();

/** Whether the kernel has a file system: built in or loaded, or a module that fsopen(2) loads by itself. */
export function kernelHasFileSystem(name: string): boolean {
  if (known.has(name)) return true;
  if (new RegExp(`\\t${name}$`, 'm').test(readFileSync('/proc/filesystems', 'utf8'))) {
    known.add(name);
    return true;
  }
  const modules = `/lib/modules/${release()}/modules.dep`;
  return existsSync(modules) && readFileSync(modules, 'utf8').includes(`/${name}.ko`);
}

/** Whether the caller's PATH has a program. */
export function hasProgram(name: string): boolean {
  return (process.env.PATH ?? '').split(':').some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return directory !== '';
    } catch {
      return false;
    }
  });
}

/**
 * For a storage driver that would have to copy the machine's own root. @throws TsboxError
 * @param canForce it does so where that is forced
 */
export function refuseWholeMachine({ image, spec }: Launch, driver: string, canForce = false): void {
  if (!image.host || (canForce && spec.force)) return;
  throw new TsboxError('ERR_TSBOX_NOT_ENFORCEABLE', {
    what: `cannot use the image host with storage ${driver}`,
    why: 'it would copy this whole machine',
    fix: ['use --storage=overlay', ...(canForce ? ['add --force to copy it all the same'] : [])],
  });
}
