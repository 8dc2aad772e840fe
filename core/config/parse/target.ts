import { posix } from 'node:path';
import { badValue, type Found } from '../place.js';

/** A path inside the container: absolute, without `..`, not the root itself. */
export function parseTarget(found: Found<string>, target: string): string {
  if (!target.startsWith('/')) throw badValue(found, `the path inside, ${JSON.stringify(target)}, is not absolute`);
  const normal = posix.normalize(target).replace(/(.)\/$/, '$1');
  if (normal === '/') throw badValue(found, 'the root itself is the image');
  return normal;
}
