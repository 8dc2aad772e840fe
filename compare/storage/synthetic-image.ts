import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LibcGate } from '../../core/kernel/libc-gate.js';
import { randomBytes } from '../../core/kernel/random.js';
import { IdleContainer, type Makings } from './container.js';

const KB = 1000;
const MB = 1000 * KB;

/**
 * What an image of programs looks like, with fewer small files: by part of its bytes, files of which size. Hundreds
 * of copies are made of it and removed again, and of ext4 without a journal nothing but the number of files would be
 * measured: for minutes it searches for inodes that were not in use of late.
 */
const MIX = [
  { name: 'large', part: 0.25, size: undefined },
  { name: 'libraries', part: 0.6, size: 4 * MB },
  { name: 'modules', part: 0.146, size: 500 * KB },
  { name: 'sources', part: 0.004, size: 8 * KB },
] as const;
const FILES_PER_DIRECTORY = 50;

/** For the report. */
export const MIX_TEXT = 'a quarter of it in one file, 60 % in files of 4 MB, 14.6 % of 500 kB, 0.4 % of 8 kB';

/** Makes a tree of so many bytes that nothing can compress. @returns the number of its files */
export function writeSyntheticTree(directory: string, bytes: number): number {
  // The same block everywhere would be one extent on a file system that finds duplicates.
  const noise = randomBytes(new LibcGate(), 256 * 4096);
  let files = 0;
  for (const { name, part, size = Math.floor(bytes * part) } of MIX) {
    const count = Math.max(1, Math.round((bytes * part) / size));
    for (let index = 0; index < count; index++) {
      const below = join(directory, name, String(Math.floor(index / FILES_PER_DIRECTORY)));
      if (index % FILES_PER_DIRECTORY === 0) mkdirSync(below, { recursive: true });
      writeFileSync(join(below, `${index}.bin`), body(noise, size, files++));
    }
  }
  return files;
}

/** A piece of the noise, turned so that no two files are alike. */
function body(noise: Buffer, size: number, seed: number): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size; at += noise.length) noise.copy(bytes, at, 0, Math.min(noise.length, size - at));
  for (let at = 0; at + 4 <= size; at += 4096) bytes.writeUInt32LE((seed * 65_537 + at) >>> 0, at);
  return bytes;
}

/**
 * Makes an image of the store: of such a one a commit shares what has not changed, as of every image that was made
 * before. It is removed with the comparison. @returns its name
 */
export async function makeSyntheticImage(makings: Makings, bytes: number): Promise<string> {
  const { context } = makings;
  const tree = join(context.scratch, `tree-${bytes}`);
  mkdirSync(tree);
  try {
    writeSyntheticTree(tree, bytes);
    const container = await IdleContainer.start(makings, 'auto', { image: tree });
    try {
      const image = context.imageName();
      await (await context.engine.container(container.id)).commit({ name: image, pause: false });
      return image;
    } finally {
      await container.end();
    }
  } finally {
    rmSync(tree, { recursive: true });
  }
}
