import { accessSync, constants, existsSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import { TsboxError } from '../plugin/error.js';
import { nearest } from '../plugin/nearest.js';
import { directoryName, formatImageName, type ImageName, parseReference } from './reference.js';
import { imageById, listImageNames } from './store.js';

/** Where an image is and what it is. */
export type LocatedImage =
  | { readonly kind: 'host' }
  | { readonly kind: 'named'; readonly name: ImageName; readonly directory: string }
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'tar'; readonly path: string; readonly stat: Stats };

/**
 * Finds an image and checks that it is there, readable, and of a kind that can be one.
 * Changes nothing.
 * @throws TsboxError ERR_TSBOX_IMAGE_NOT_FOUND, ERR_TSBOX_IMAGE_INVALID
 */
export function locateImage(reference: string, root: string): LocatedImage {
  const parsed = parseReference(reference);
  if (parsed.kind === 'host') return { kind: 'host' };
  if (parsed.kind === 'path') return locatePath(reference, parsed.path);
  const directory = join(root, 'images', directoryName(parsed.name));
  if (existsSync(join(directory, 'image.json'))) return { kind: 'named', name: parsed.name, directory };
  // `images/root.tar` reads as a name too; a file of the working directory is what was meant.
  if (reference.includes('/') && existsSync(reference)) return locatePath(reference, realpathSync(reference));
  const meant = imageById(root, reference);
  if (meant) return { kind: 'named', name: meant, directory: join(root, 'images', directoryName(meant)) };
  throw unknownImage(reference, root);
}

function locatePath(reference: string, path: string): LocatedImage {
  try {
    const real = realpathSync(path);
    const stat = statSync(real);
    if (stat.isDirectory()) {
      accessSync(real, constants.R_OK | constants.X_OK);
      return { kind: 'directory', path: real };
    }
    if (!stat.isFile()) throw invalid(reference, 'it is neither a directory nor a file');
    if (stat.size === 0) throw invalid(reference, 'the file is empty');
    accessSync(real, constants.R_OK);
    return { kind: 'tar', path: real, stat };
  } catch (error) {
    throw error instanceof TsboxError ? error : pathError(reference, error);
  }
}

function pathError(reference: string, error: unknown): TsboxError {
  if (hasCode(error, 'EACCES', 'EPERM')) {
    return invalid(reference, 'it is not readable for this user', {
      fix: `ls -ld ${reference}`,
      cause: error,
      diagnosis: 'image-unreadable',
    });
  }
  if (hasCode(error, 'ENOENT', 'ENOTDIR')) {
    return new TsboxError('ERR_TSBOX_IMAGE_NOT_FOUND', {
      what: `no image ${reference}`,
      why: 'there is no such file or directory',
      fix: [
        'give the path of a directory or of a tar file that holds a root file system',
        'host is this machine itself',
      ],
      diagnosis: 'image-not-found',
    });
  }
  return invalid(reference, error instanceof Error ? error.message : String(error), { cause: error });
}

function invalid(
  reference: string,
  why: string,
  more: { fix?: string; cause?: unknown; diagnosis?: string } = {},
): TsboxError {
  const { fix = 'give a directory, or a tar file made with tar -C ROOTFS -c .', cause, diagnosis } = more;
  const what = `cannot use the image ${reference}`;
  return new TsboxError('ERR_TSBOX_IMAGE_INVALID', { what, why, fix, cause, diagnosis });
}

function unknownImage(reference: string, root: string): TsboxError {
  const near = nearest(reference, ['host', ...listImageNames(root).map(formatImageName)]);
  return new TsboxError('ERR_TSBOX_IMAGE_NOT_FOUND', {
    what: `no image ${reference}`,
    why: 'there is no local image of that name',
    fix: [
      ...(existsSync(reference) ? [`did you mean ./${reference}?`] : []),
      ...(near === undefined ? [] : [`did you mean ${near}?`]),
      `tsbox image from-host ${reference} PROGRAM... makes one of programs of this machine`,
      'a directory or a tar file is named by its path: ./rootfs',
      'host is this machine itself',
    ],
    diagnosis: 'image-not-found',
  });
}
