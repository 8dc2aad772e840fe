import { closeSync, fstatSync } from 'node:fs';
import { ERRNO } from '../kernel/errno.js';
import { hasCode, SyscallError } from '../kernel/error.js';
import { O_CLOEXEC, O_PATH, O_RDONLY, oDirectory, oNofollow } from '../kernel/fcntl.js';
import type { Gate } from '../kernel/gate.js';

/** As many as the kernel follows: path_resolution(7). */
const MAX_LINKS = 40;
const OPAQUE = ['trusted.overlay.opaque', 'user.overlay.opaque'];

/** A directory of the merged view: the descriptors of the layers that have it, highest first. */
type MergedDirectory = readonly number[];

/**
 * Opens (O_PATH) a path in the view that overlayfs would show of some layers, without mounting it.
 * Component by component: a link of one layer may lead through a directory of another.
 *
 * @param roots descriptors of the layers' roots, lowest first; they stay open
 * @returns undefined where the view has no such file; the caller closes the descriptor
 * @throws SyscallError
 */
export function openMerged(gate: Gate, roots: readonly number[], path: string): number | undefined {
  return new Walk(gate, [...roots].reverse()).open(path);
}

/**
 * The same for a directory: descriptors (O_PATH) of it in the layers that show it, highest first.
 * @returns undefined where the view has no such directory; the caller closes them
 */
export function openMergedDirectory(gate: Gate, roots: readonly number[], path: string): readonly number[] | undefined {
  return new Walk(gate, [...roots].reverse()).openDirectory(path);
}

class Walk {
  readonly #gate: Gate;
  readonly #opened = new Set<number>();
  /** From the root to where the walk is. */
  readonly #stack: MergedDirectory[];
  /** Whether a walk ended in a directory. */
  #reached = false;

  constructor(gate: Gate, root: MergedDirectory) {
    this.#gate = gate;
    this.#stack = [root];
  }

  open(path: string): number | undefined {
    try {
      const found = this.#walk(path);
      if (found !== undefined) this.#opened.delete(found);
      return found;
    } finally {
      for (const fd of this.#opened) closeSync(fd);
    }
  }

  openDirectory(path: string): MergedDirectory | undefined {
    try {
      const file = this.#walk(path);
      const found = this.#reached && file === undefined ? (this.#stack.at(-1) as MergedDirectory) : undefined;
      for (const fd of found ?? []) this.#opened.delete(fd);
      return found;
    } finally {
      for (const fd of this.#opened) closeSync(fd);
    }
  }

  #walk(path: string): number | undefined {
    const names = split(path);
    for (let links = 0; names.length > 0; ) {
      const name = names.shift() as string;
      if (name === '..') {
        if (this.#stack.length > 1) this.#stack.pop();
        continue;
      }
      const found = this.#look(name);
      if (Array.isArray(found)) {
        this.#stack.push(found);
      } else if (found === undefined || typeof found === 'number') {
        return names.length === 0 ? (found as number | undefined) : undefined;
      } else {
        if (++links > MAX_LINKS) throw new SyscallError('openat2', ERRNO.ELOOP as number, path, path);
        if (found.link.startsWith('/')) this.#stack.length = 1;
        names.unshift(...split(found.link));
      }
    }
    this.#reached = true;
    return undefined;
  }

  /** A name in the current directory: a directory, a link, or anything else. */
  #look(name: string): number[] | { link: string } | number | undefined {
    const directories: number[] = [];
    for (const layer of this.#stack.at(-1) as MergedDirectory) {
      const fd = this.#openName(layer, name);
      if (fd === undefined) continue;
      const stat = fstatSync(fd);
      if (stat.isDirectory()) {
        directories.push(fd);
        if (this.#isOpaque(layer, name)) break;
        continue;
      }
      // A whiteout (device 0:0) or a file below a directory hides nothing more than it ends.
      if (directories.length > 0 || (stat.isCharacterDevice() && stat.rdev === 0)) break;
      return stat.isSymbolicLink() ? { link: this.#readLink(fd) } : fd;
    }
    return directories.length > 0 ? directories : undefined;
  }

  #openName(directory: number, name: string): number | undefined {
    try {
      const fd = this.#gate.call('openat', directory, name, O_PATH | O_CLOEXEC | oNofollow(this.#gate.arch), 0);
      this.#opened.add(fd);
      return fd;
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    }
  }

  #readLink(link: number): string {
    const buffer = Buffer.alloc(4096);
    const length = this.#gate.call('readlinkat', link, '', buffer, buffer.length);
    return buffer.toString('utf8', 0, length);
  }

  /** An opaque directory hides what lower layers have there. fgetxattr(2) takes no O_PATH descriptor. */
  #isOpaque(parent: number, name: string): boolean {
    const flags = O_RDONLY | O_CLOEXEC | oDirectory(this.#gate.arch) | oNofollow(this.#gate.arch);
    const fd = this.#gate.call('openat', parent, name, flags, 0);
    try {
      return OPAQUE.some((attribute) => this.#attributeIs(fd, attribute, 'y'));
    } finally {
      closeSync(fd);
    }
  }

  #attributeIs(fd: number, attribute: string, value: string): boolean {
    const buffer = Buffer.alloc(8);
    try {
      const length = this.#gate.call('fgetxattr', fd, attribute, buffer, buffer.length);
      return buffer.toString('latin1', 0, length) === value;
    } catch (error) {
      if (hasCode(error, 'ENODATA', 'EOPNOTSUPP', 'ERANGE', 'EPERM')) return false;
      throw error;
    }
  }
}

function split(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}
