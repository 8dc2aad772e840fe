import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageFromHost } from '../core/image/index.js';
import { createEngine, type LibraryEngine } from '../core/index.js';
import { readHost } from '../core/kernel/host.js';
import { LibcGate } from '../core/kernel/libc-gate.js';
import type { CreateOptions } from '../core/library/options.js';
import { noDisk, withDisk, withMemory } from './loop-disk.js';

const DISK_MIB = 8192;

/** A directory that is removed in the end, whatever happens. */
export async function withScratch(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tsbox-bench-'));
  try {
    await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * The same on a file system of its own: ext4 as mkfs makes it, with a tmpfs as /run is one. What a launch costs must not depend on what else is
 * on the disk: an ext4 without a journal, say, looks at each inode that was freed in the last minute before it takes one.
 */
export function withScratchDisk(work: (directory: string) => Promise<void>): Promise<void> {
  const reason = noDisk('ext4');
  if (reason !== undefined) throw new Error(`the state of what is measured needs a file system of its own: ${reason}`);
  return withScratch((directory) =>
    withDisk('ext4', DISK_MIB, directory, (disk) => withMemory(join(disk, 'run'), () => work(disk))),
  );
}

/** An engine with a state of its own in a directory, and {@link SMALL} in it. */
export async function engineIn(directory: string, options: CreateOptions = {}): Promise<LibraryEngine> {
  const places = statePlaces(directory);
  mkdirSync(join(places.root, 'containers'), { recursive: true });
  if (!existsSync(join(places.root, 'images')))
    await imageFromHost({
      root: places.root,
      name: SMALL.image,
      programs: PROGRAMS,
      gate: new LibcGate(),
      host: readHost(),
    });
  return createEngine({ ...places, ...options });
}

export function statePlaces(directory: string): { readonly root: string; readonly runroot: string } {
  return { root: join(directory, 'root'), runroot: join(directory, 'run') };
}

/** Programs of this machine with their libraries, as an image. */
const PROGRAMS = ['true', 'sleep', 'sh'];

/** An image of a few files that every machine can make, and a command that does nothing. */
export const SMALL = { image: 'small', command: ['/bin/true'], storage: 'overlay' } as const;
