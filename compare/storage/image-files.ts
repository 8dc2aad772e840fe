import { lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A regular file of an image. */
export interface ImageFile {
  /** Below the root directory, without a slash at its beginning. */
  readonly path: string;
  readonly size: number;
}

/** Enough to know an image by. */
const MOST_FILES = 50_000;

/**
 * The regular files of a tree, in an order that is the same under every driver. No link is followed and no mount
 * entered; of the root directory itself, only what an image has.
 */
export function listFiles(root: string): ImageFile[] {
  const files: ImageFile[] = [];
  const { dev } = statSync(root);
  const pending = [''];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    const entries = readdirSync(join(root, directory), { withFileTypes: true });
    const below: string[] = [];
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(directory, entry.name);
      if (entry.isFile()) {
        files.push({ path, size: lstatSync(join(root, path)).size });
      } else if (entry.isDirectory() && lstatSync(join(root, path)).dev === dev) below.push(path);
    }
    if (files.length >= MOST_FILES) break;
    pending.push(...below.reverse());
  }
  return files;
}

/** @throws Error where none is large enough to tell anything */
export function largestFile(files: readonly ImageFile[], least = 4096): ImageFile {
  const largest = files.reduce<ImageFile | undefined>(
    (best, file) => (best && best.size >= file.size ? best : file),
    undefined,
  );
  if (largest && largest.size >= least) return largest;
  throw new Error('the image has no file to write to');
}
