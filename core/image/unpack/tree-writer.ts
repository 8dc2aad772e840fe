import { closeSync, fstatSync } from 'node:fs';
import { errnoNumber } from '../../kernel/errno.js';
import { hasCode, SyscallError } from '../../kernel/error.js';
import {
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_PATH,
  O_WRONLY,
  oDirectory,
  oNofollow,
  RESOLVE_NO_SYMLINKS,
} from '../../kernel/fcntl.js';
import type { Gate } from '../../kernel/gate.js';
import { openInRoot } from '../open-in-root.js';

const AT_REMOVEDIR = 0x200;

/** Where something is made: its directory, pinned, and its name there. */
export interface Place {
  readonly parent: number;
  /** NUL-terminated. */
  readonly name: Uint8Array;
}

/**
 * Makes files below a directory that is never left: parents are resolved by openat2(2) with the
 * directory as root, the last name is created and never followed. Paths are relative, without `.`
 * and `..`, in bytes kept as latin1.
 */
export class TreeWriter {
  readonly #gate: Gate;
  readonly #root: number;
  readonly #isShared: boolean;
  /** The directory that was used last: archives list a directory's files one after another. */
  #last: { path: string; fd: number } | undefined;

  /**
   * @param root descriptor of the directory; stays open
   * @param isShared others are at work there: no link on the way is followed, and a directory is never
   * replaced by something else, nor the reverse
   */
  constructor(gate: Gate, root: number, isShared = false) {
    this.#gate = gate;
    this.#root = root;
    this.#isShared = isShared;
  }

  /** The place of a path that is to be created; missing parents are made, what is there is removed. */
  free(path: string): Place {
    const place = this.place(path);
    this.#remove(place);
    return place;
  }

  place(path: string): Place {
    return { parent: this.#directory(directoryOf(path)), name: bytes(nameOf(path)) };
  }

  /** Makes a directory unless it is there. */
  makeDirectory(path: string): void {
    const place = this.place(path);
    if (this.#mkdir(place) || this.#isDirectory(place)) return;
    if (this.#isShared) throw new SyscallError('mkdirat', errnoNumber('ENOTDIR'), '', path);
    this.#remove(place);
    this.#mkdir(place);
  }

  /** A new, empty file, open for writing; the caller closes it. */
  createFile(path: string): number {
    const { parent, name } = this.free(path);
    const flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | oNofollow(this.#gate.arch);
    return this.#gate.call('openat', parent, name, flags, 0o600);
  }

  /** Opens what a path leads to, inside the tree; the caller closes it. */
  open(path: string, flags: number): number {
    const resolve = this.#isShared ? RESOLVE_NO_SYMLINKS : 0;
    return openInRoot(this.#gate, this.#root, bytes(path === '' ? '.' : path), flags, resolve);
  }

  close(): void {
    this.#forget();
  }

  #directory(path: string): number {
    if (this.#last?.path === path) return this.#last.fd;
    this.#forget();
    const fd = this.#openOrMake(path);
    this.#last = { path, fd };
    return fd;
  }

  #openOrMake(path: string): number {
    const flags = O_PATH | oDirectory(this.#gate.arch);
    try {
      return this.open(path, flags);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
    const parent = this.#openOrMake(directoryOf(path));
    try {
      const place = { parent, name: bytes(nameOf(path)) };
      // The mode of mkdirat(2) is cut by the umask, which is not ours to change.
      if (this.#mkdir(place)) this.#gate.call('fchmodat', parent, place.name, 0o755);
    } finally {
      closeSync(parent);
    }
    return this.open(path, flags);
  }

  /** False where something has the name. */
  #mkdir({ parent, name }: Place): boolean {
    try {
      this.#gate.call('mkdirat', parent, name, 0o755);
      return true;
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return false;
      throw error;
    }
  }

  #isDirectory({ parent, name }: Place): boolean {
    try {
      const fd = this.#gate.call('openat', parent, name, O_PATH | O_CLOEXEC | oNofollow(this.#gate.arch), 0);
      const directory = fstatSync(fd).isDirectory();
      closeSync(fd);
      return directory;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return false;
      throw error;
    }
  }

  /** A later entry of the same name replaces an earlier one, as tar does; a full directory it does not. */
  #remove({ parent, name }: Place): void {
    // Asked for every file of an archive, and mostly there is nothing.
    const result = this.#gate.attempt('unlinkat', parent, name, 0);
    if (result === -errnoNumber('EISDIR')) {
      if (this.#isShared) throw new SyscallError('unlinkat', errnoNumber('EEXIST'));
      this.#gate.call('unlinkat', parent, name, AT_REMOVEDIR);
    } else if (result < 0 && result !== -errnoNumber('ENOENT')) this.#gate.call('unlinkat', parent, name, 0);
  }

  #forget(): void {
    if (this.#last) closeSync(this.#last.fd);
    this.#last = undefined;
  }
}

/** All but the last name of a relative path; empty for the root. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A latin1 byte string as the kernel takes it. */
export function bytes(latin1: string): Uint8Array {
  return Buffer.from(`${latin1}\0`, 'latin1');
}

/** Text as a latin1 byte string. */
export function byteString(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** A latin1 byte string for people. */
export function readable(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
