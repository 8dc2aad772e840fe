import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';
import { namesIn } from '../kernel/names-in.js';
import { TsboxError } from '../plugin/error.js';
import { type ImageRecord, imageId, readImageRecord } from './image-record.js';
import { directoryName, formatImageName, type ImageName, nameOfDirectory, parseImageName } from './reference.js';
import { sweepStaging } from './staging.js';

/**
 * What is kept below `<root>/images`:
 *
 * | place | what |
 * |---|---|
 * | `<name>/image.json` | the record of a local image |
 * | `<name>/layer/` | its one layer |
 * | `.tar/<key>/` | the same for a tar file, by what identifies the file |
 * | `.staging/<key>/` | something half made; whoever makes it holds a flock(2) on the directory |
 *
 * Everything is made in `.staging` and renamed, so what has its name is whole. The directory is
 * closed to other users: an image's setuid programs must not be theirs to run (CVE-2021-41091).
 */
export function imagesDirectory(root: string): string {
  return join(root, 'images');
}

export function imageDirectory(root: string, name: ImageName): string {
  return join(imagesDirectory(root), directoryName(name));
}

export interface ImageListing extends ImageName, Omit<ImageRecord, 'version'> {
  /** As a user writes it. */
  readonly name: string;
  readonly id: string;
}

/** The local images, by name. One that cannot be read is left out. */
export function listImages(root: string): ImageListing[] {
  return listImageNames(root).flatMap((name) => {
    try {
      const found = readImageRecord(join(imageDirectory(root, name), 'image.json'));
      const { version: _, ...record } = found;
      return [{ ...name, name: formatImageName(name), ...record, id: imageId(found) }];
    } catch (error) {
      if (error instanceof TsboxError) return [];
      throw error;
    }
  });
}

/** The image that an id, or an unambiguous beginning of one of at least six digits, means. */
export function imageById(root: string, text: string): ImageName | undefined {
  const digits = text.replace(/^sha256:/, '');
  if (!/^[0-9a-f]{6,64}$/.test(digits)) return undefined;
  const found = listImages(root).filter(({ id }) => id.startsWith(`sha256:${digits}`));
  return found.length === 1 ? found[0] : undefined;
}

/** Names of the local images, sorted. */
export function listImageNames(root: string): ImageName[] {
  const images = imagesDirectory(root);
  return namesIn(images)
    .sort()
    .flatMap((directory) => {
      const name = nameOfDirectory(directory);
      return name && existsSync(join(images, directory, 'image.json')) ? [name] : [];
    });
}

/**
 * Removes a local image. A container that runs from it loses its lower layer: ask first.
 * @throws TsboxError ERR_TSBOX_IMAGE_NOT_FOUND
 */
export async function removeImage(root: string, name: string, gate: Gate): Promise<void> {
  const images = imagesDirectory(root);
  const directory = imageDirectory(root, parseImageName(name));
  if (!existsSync(directory)) throw notFound(name);
  const grave = join(images, '.staging', `removed-${randomUUID()}`);
  try {
    mkdirSync(grave, { recursive: true, mode: 0o700 });
    // Gone at once or not at all; what a killed process leaves is swept by the next one.
    renameSync(directory, join(grave, 'image'));
  } catch (error) {
    throw hasCode(error, 'ENOENT') ? notFound(name) : error;
  } finally {
    await sweepStaging(gate, images);
  }
}

function notFound(name: string): TsboxError {
  return new TsboxError('ERR_TSBOX_IMAGE_NOT_FOUND', {
    what: `no image ${name}`,
    why: 'there is no local image of that name',
    fix: 'tsbox image ls',
  });
}
