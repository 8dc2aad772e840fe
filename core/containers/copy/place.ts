import { closeSync } from 'node:fs';
import { openInRoot } from '../../image/open-in-root.js';
import { errnoNumber } from '../../kernel/errno.js';
import { hasCode, SyscallError } from '../../kernel/error.js';
import { O_PATH, oDirectory, S_IFDIR, S_IFLNK, S_IFMT } from '../../kernel/fcntl.js';
import type { Gate } from '../../kernel/gate.js';
import { type FileStatus, statusIfThere } from '../../kernel/statx.js';
import type { Name } from '../../kernel/tree/index.js';
import { readLink } from '../tree/difference.js';

/** As many as the kernel follows: path_resolution(7). */
const MAX_LINKS = 40;

/** A path of a user, taken apart; names are bytes, as latin1. */
export interface CopyPath {
  /** As it was given, with a slash before it. */
  readonly text: string;
  /** The last name; empty for the root, and where the path ends in `..`. */
  readonly name: string;
  /** It ends in `/`, `/.` or `..`: it must be a directory, and a link in the last place is followed. */
  readonly isDirectory: boolean;
  /** It ends in `/.`: what is in the directory is meant, not the directory. */
  readonly contentOnly: boolean;
}

export function parseCopyPath(path: string): CopyPath {
  const bytes = Buffer.from(path).toString('latin1');
  const text = bytes.startsWith('/') ? bytes : `/${bytes}`;
  const names = text.split('/').filter((name) => name !== '' && name !== '.');
  const last = names.at(-1) ?? '';
  const isUp = last === '..' || last === '';
  const contentOnly = /\/\.\/*$/.test(text) || isUp;
  return { text, name: isUp ? '' : last, isDirectory: contentOnly || text.endsWith('/'), contentOnly };
}

/** A name in a directory that is pinned; the file itself may not be there. */
export interface PinnedPlace {
  /** O_PATH; the caller closes it. */
  readonly directory: number;
  /** `.` for the root of a tree. */
  readonly name: Name;
  readonly status: FileStatus | undefined;
}

/**
 * Finds a path below the root of a tree; no link leads out of it.
 * @param follow go where a link in the last place leads
 * @returns undefined where there is no directory that it could be in
 * @throws SyscallError
 */
export function findPlace(gate: Gate, root: number, path: CopyPath, follow: boolean): PinnedPlace | undefined {
  const isWhole = path.name === '';
  const names = path.text.split('/').filter((name) => name !== '' && name !== '.');
  let parent = `/${(isWhole ? names : names.slice(0, -1)).join('/')}`;
  let name = isWhole ? '.' : path.name;
  for (let links = 0; ; links++) {
    const place = lookInto(gate, root, parent, name);
    const isLink = place?.status !== undefined && (place.status.mode & S_IFMT) === S_IFLNK;
    if (!place || !isLink || !(follow || path.isDirectory)) return place;
    const target = readAndClose(gate, place, links, path);
    // The kernel takes ".." where it stands, which is after the links before it.
    const whole = target.startsWith('/') ? target : `${parent}/${target}`;
    const last = /([^/]*)\/*$/.exec(whole)?.[1] ?? '';
    const isUp = last === '' || last === '.' || last === '..';
    parent = isUp ? whole : whole.slice(0, whole.lastIndexOf(last));
    name = isUp ? '.' : last;
  }
}

function readAndClose(gate: Gate, { directory, name }: PinnedPlace, links: number, { text }: CopyPath): string {
  try {
    if (links === MAX_LINKS) throw new SyscallError('openat2', errnoNumber('ELOOP'), text, text);
    return readLink(gate, directory, name).toString('latin1');
  } finally {
    closeSync(directory);
  }
}

function lookInto(gate: Gate, root: number, parent: string, name: string): PinnedPlace | undefined {
  let directory: number;
  try {
    directory = openInRoot(gate, root, Buffer.from(`${parent || '/'}\0`, 'latin1'), O_PATH | oDirectory(gate.arch));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.from(`${name}\0`, 'latin1');
    return { directory, name: bytes, status: statusIfThere(gate, directory, bytes) };
  } catch (error) {
    closeSync(directory);
    throw error;
  }
}

export function isDirectory(status: FileStatus | undefined): boolean {
  return status !== undefined && (status.mode & S_IFMT) === S_IFDIR;
}
