import { setImmediate } from 'node:timers/promises';
import { DT_DIR, DT_UNKNOWN, readDirectory } from '../directory.js';
import { hasCode } from '../error.js';
import {
  O_CLOEXEC,
  O_RDONLY,
  oDirectory,
  openHow,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
  S_IFDIR,
  S_IFMT,
} from '../fcntl.js';
import type { Gate } from '../gate.js';
import { AT_FDCWD } from '../mount.js';
import { statusAt } from '../statx.js';
import { EMPTY, joinPath, type Name } from './names.js';

/** A directory that paths start from. Few are open at once, however deep the tree. */
interface Anchor {
  readonly fd: number;
  /** How many directories still have to be read from here. */
  users: number;
}

interface Pending {
  readonly anchor: Anchor;
  readonly path: Name;
}

/** Half of PATH_MAX. */
const LONGEST_PATH = 2048;
const SLICE_MS = 10;
const HERE = Buffer.from('.\0');

/**
 * Bytes in the files of a tree, holes included; a file with several names counts once. It may be changed
 * meanwhile: what vanishes is not counted. No link is followed, no mount entered. What is not there is 0.
 */
export async function treeSize(gate: Gate, path: string): Promise<number> {
  const root = openRoot(gate, path);
  return root === undefined ? 0 : new SizeCount(gate).count(root);
}

function openRoot(gate: Gate, path: string): number | undefined {
  try {
    return gate.call('openat', AT_FDCWD, path, O_RDONLY | O_CLOEXEC | oDirectory(gate.arch), 0);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

class SizeCount {
  readonly #pending: Pending[] = [];
  /** Files with several names. */
  readonly #seen = new Set<bigint>();
  #bytes = 0;

  constructor(readonly gate: Gate) {}

  async count(root: number): Promise<number> {
    this.#add({ fd: root, users: 0 }, EMPTY);
    let sliceEnd = performance.now() + SLICE_MS;
    try {
      for (let next = this.#pending.pop(); next; next = this.#pending.pop()) {
        this.#read(next);
        if (performance.now() < sliceEnd) continue;
        await setImmediate();
        sliceEnd = performance.now() + SLICE_MS;
      }
      return this.#bytes;
    } finally {
      for (const { anchor } of this.#pending) this.#leave(anchor);
    }
  }

  #read({ anchor, path }: Pending): void {
    const fd = this.#open(anchor, path);
    if (fd === undefined) return this.#leave(anchor);
    const here: Anchor = path.length > LONGEST_PATH ? { fd, users: 1 } : anchor;
    const prefix = here === anchor ? path : EMPTY;
    try {
      for (const { name, type } of readDirectory(this.gate, fd)) {
        if (type === DT_DIR || this.#countFile(fd, name, type)) this.#add(here, joinPath(prefix, name));
      }
    } finally {
      if (here === anchor) this.gate.call('close', fd);
      else this.#leave(here);
      this.#leave(anchor);
    }
  }

  #open({ fd }: Anchor, path: Name): number | undefined {
    const how = openHow(
      O_RDONLY | O_CLOEXEC | oDirectory(this.gate.arch),
      RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
    );
    try {
      return this.gate.call('openat2', fd, path.length > 1 ? path : HERE, how, how.length);
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EXDEV')) return undefined;
      throw error;
    }
  }

  /** @returns whether it is a directory after all */
  #countFile(directory: number, name: Name, type: number): boolean {
    try {
      const { mode, links, inode, size } = statusAt(this.gate, directory, name);
      if (type === DT_UNKNOWN && (mode & S_IFMT) === S_IFDIR) return true;
      if (links > 1 && this.#seen.has(inode)) return false;
      if (links > 1) this.#seen.add(inode);
      this.#bytes += size;
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
    return false;
  }

  #add(anchor: Anchor, path: Name): void {
    anchor.users++;
    this.#pending.push({ anchor, path });
  }

  #leave(anchor: Anchor): void {
    anchor.users--;
    if (anchor.users === 0) this.gate.call('close', anchor.fd);
  }
}
