import { resolve } from 'node:path';
import { TsboxError } from '../plugin/error.js';

/** What a reference names, before anything is looked up. */
export type ImageReference =
  | { readonly kind: 'host' }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'name'; readonly name: ImageName };

/** A local image's name: a repository and a tag. */
export interface ImageName {
  readonly repository: string;
  readonly tag: string;
}

const REPOSITORY = /^[a-z0-9]+(?:[._/-][a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const MAX_REPOSITORY = 200;
const DEFAULT_TAG = 'latest';

/**
 * Reads a reference. A path is told by how it begins, as a shell tells one: `./x`, `../x`, `/x`, `.`,
 * `~` is not expanded. A name may contain `/`, so `a/b` is a path only where no image has that name;
 * see {@link locateImage}.
 * @throws TsboxError ERR_TSBOX_IMAGE_INVALID
 */
export function parseReference(reference: string): ImageReference {
  if (reference === '' || reference.includes('\0')) throw badReference(reference);
  if (reference === 'host') return { kind: 'host' };
  if (reference.startsWith('/') || reference.startsWith('.')) return { kind: 'path', path: resolve(reference) };
  const name = tryName(reference);
  if (name) return { kind: 'name', name };
  if (reference.includes('/')) return { kind: 'path', path: resolve(reference) };
  throw badReference(reference);
}

/** @throws TsboxError ERR_TSBOX_IMAGE_INVALID for what cannot be an image's name */
export function parseImageName(text: string): ImageName {
  const name = text === 'host' ? undefined : tryName(text);
  if (!name) throw badReference(text);
  return name;
}

/** The name as a user writes it. */
export function formatImageName({ repository, tag }: ImageName): string {
  return tag === DEFAULT_TAG ? repository : `${repository}:${tag}`;
}

/** The directory below `<root>/images`. `+` and `@` occur in no name, so two names never meet. */
export function directoryName({ repository, tag }: ImageName): string {
  const flat = repository.replaceAll('/', '+');
  return tag === DEFAULT_TAG ? flat : `${flat}@${tag}`;
}

/** Reads {@link directoryName} back; undefined for a directory that is no image's. */
export function nameOfDirectory(directory: string): ImageName | undefined {
  return tryName(directory.replaceAll('+', '/').replace('@', ':'));
}

function tryName(text: string): ImageName | undefined {
  const colon = text.lastIndexOf(':');
  const repository = colon < 0 ? text : text.slice(0, colon);
  const tag = colon < 0 ? DEFAULT_TAG : text.slice(colon + 1);
  const valid = REPOSITORY.test(repository) && TAG.test(tag) && repository.length <= MAX_REPOSITORY;
  return valid ? { repository, tag } : undefined;
}

function badReference(reference: string): TsboxError {
  return new TsboxError('ERR_TSBOX_IMAGE_INVALID', {
    what: `cannot use the image ${JSON.stringify(reference)}`,
    why: 'it is neither a name (lower-case letters and digits, separated by one of . _ - /) nor a path',
    fix: ['a path begins with / or ./', 'host is this machine itself'],
  });
}
