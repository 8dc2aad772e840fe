import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import { namesIn } from '../kernel/names-in.js';
import { sweepStaging } from './staging.js';
import { imagesDirectory } from './store.js';
import { sourceOfUnpacked } from './unpack/settled.js';
import { TarImage } from './unpack/tar-image.js';

/** A tar file that was unpacked to be used as an image, and is kept for the next time. */
export interface UnpackedTar {
  readonly key: string;
  readonly directory: string;
  readonly layer: string;
  /** The file; undefined where the record of it is damaged. */
  readonly source: string | undefined;
  /** The file is still there, and still the same. */
  readonly current: boolean;
}

export function listUnpackedTars(root: string, gate: Gate, host: Host): UnpackedTar[] {
  const cache = join(imagesDirectory(root), '.tar');
  return namesIn(cache).map((key) => {
    const directory = join(cache, key);
    const layer = join(directory, 'layer');
    const source = sourceOfUnpacked(directory);
    return { key, directory, layer, source, current: source !== undefined && layerOf(source) === layer };
  });

  function layerOf(source: string): string | undefined {
    try {
      return new TarImage(source, source, { root, gate, host }).layer;
    } catch {
      return undefined;
    }
  }
}

/** Removes an unpacked tar. What is not there is success. */
export async function removeUnpackedTar(root: string, { directory }: UnpackedTar, gate: Gate): Promise<void> {
  const images = imagesDirectory(root);
  const grave = join(images, '.staging', `removed-${randomUUID()}`);
  try {
    mkdirSync(grave, { recursive: true, mode: 0o700 });
    renameSync(directory, join(grave, 'tar'));
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  } finally {
    await sweepStaging(gate, images);
  }
}
