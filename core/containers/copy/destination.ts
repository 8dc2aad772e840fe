import { closeSync } from 'node:fs';
import { openInRoot } from '../../image/open-in-root.js';
import { readable } from '../../image/unpack/tree-writer.js';
import { O_CLOEXEC, O_RDONLY, oDirectory, oNofollow, S_IFMT, S_IFREG } from '../../kernel/fcntl.js';
import type { Gate } from '../../kernel/gate.js';
import { TsboxError } from '../../plugin/error.js';
import { type CopyPath, findPlace, isDirectory, type PinnedPlace } from './place.js';

/** What is to be copied, as far as it decides where. */
export interface CopiedThing {
  readonly isDirectory: boolean;
  readonly contentOnly: boolean;
  /** Its own name; empty for a root. */
  readonly name: string;
}

export interface Destination {
  /** Open for reading; the caller closes it. */
  readonly directory: number;
  /** What the copy is called there; empty: what is in the source goes into the directory itself. */
  readonly name: string;
}

/**
 * Where a copy goes, by docker's rules: into a directory that is there, in the place of a file that is there, or
 * under a new name in a directory that is there.
 * @throws TsboxError ERR_TSBOX_COPY
 */
export function findDestination(
  gate: Gate,
  root: number,
  path: CopyPath,
  source: CopiedThing,
  what: string,
): Destination {
  const place = findPlace(gate, root, path, true);
  if (!place) throw refused(what, `${shown(path)} is in a directory that is not there`);
  try {
    if (isDirectory(place.status)) {
      const intoItself = source.contentOnly || source.name === '';
      return { directory: open(gate, place.directory, place.name), name: intoItself ? '' : source.name };
    }
    checkFile(place, path, source, what);
    const name = place.name.toString('latin1', 0, place.name.length - 1);
    return { directory: openInRoot(gate, place.directory, '.', O_RDONLY | oDirectory(gate.arch)), name };
  } finally {
    closeSync(place.directory);
  }
}

/** The directory that an archive is unpacked into. @throws TsboxError ERR_TSBOX_COPY */
export function openDirectoryAt(gate: Gate, root: number, path: CopyPath, what: string): number {
  const place = findPlace(gate, root, path, true);
  if (!place) throw refused(what, `${shown(path)} is not there`);
  try {
    if (!place.status) throw refused(what, `${shown(path)} is not there`);
    if (!isDirectory(place.status)) throw refused(what, `${shown(path)} is no directory`);
    return open(gate, place.directory, place.name);
  } finally {
    closeSync(place.directory);
  }
}

function checkFile({ status }: PinnedPlace, path: CopyPath, source: CopiedThing, what: string): void {
  if (!status) {
    if (path.isDirectory && !source.isDirectory) throw refused(what, `the directory ${shown(path)} is not there`);
    return;
  }
  if (source.isDirectory) throw refused(what, `a directory cannot take the place of the file ${shown(path)}`);
  if (path.isDirectory) throw refused(what, `${shown(path)} is no directory`);
  if ((status.mode & S_IFMT) !== S_IFREG)
    throw refused(what, `${shown(path)} is neither a directory nor a regular file`);
}

function open(gate: Gate, directory: number, name: Uint8Array): number {
  const flags = O_RDONLY | O_CLOEXEC | oDirectory(gate.arch) | oNofollow(gate.arch);
  return gate.call('openat', directory, name, flags, 0);
}

export function shown({ text }: CopyPath): string {
  return JSON.stringify(readable(text));
}

export function refused(what: string, why: string, fix: string | string[] = []): TsboxError {
  return new TsboxError('ERR_TSBOX_COPY', { what, why, fix });
}
