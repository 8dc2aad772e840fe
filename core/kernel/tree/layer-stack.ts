import { hasCode } from '../error.js';
import {
  O_CLOEXEC,
  O_RDONLY,
  oDirectory,
  openHow,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
} from '../fcntl.js';
import type { Gate } from '../gate.js';
import { type Host, kernelAtLeast } from '../host.js';
import { AT_FDCWD, OPEN_TREE_CLOEXEC, OPEN_TREE_CLONE } from '../mount.js';
import type { Source } from './merged-directory.js';
import type { Name } from './names.js';
import type { Xattrs } from './xattrs.js';

const HERE = Buffer.from('.\0');

export interface LayerStackOptions {
  /** Where overlay has its marks in these layers: in `user.` where it was mounted with `userxattr`. */
  readonly marks: 'trusted' | 'user';
  /** What is mounted in them is shown, as a process sees it. Default: what is below it, as overlay sees it. */
  readonly crossMounts?: boolean;
  /** They are opened where they are, so that files can be linked from them; what is mounted in them is left out. */
  readonly plain?: boolean;
  /** Somebody else is at work in them: a directory that has gone, or is none any more, is empty. */
  readonly live?: boolean;
}

/** Open layers, which are read as one tree. Closing it is the caller's. */
export class LayerStack {
  /** Topmost first. */
  readonly #roots: number[] = [];

  constructor(
    readonly gate: Gate,
    readonly host: Host,
    readonly xattrs: Xattrs,
    readonly options: LayerStackOptions,
  ) {}

  get count(): number {
    return this.#roots.length;
  }

  /** Puts a layer below those that are open. */
  add(path: string): void {
    this.#roots.push(this.#openLayer(path));
  }

  /** The same for a directory that is open: this takes the descriptor. */
  addOpen(directory: number): void {
    this.#roots.push(directory);
  }

  close(): void {
    for (const fd of this.#roots) this.gate.call('close', fd);
  }

  /** Opens a directory in those layers whose entries are shown; `opened` takes what is to be closed. */
  open(path: Name, layers: readonly number[], opened: number[]): Source[] {
    const sources: Source[] = [];
    for (const layer of layers) {
      const fd = this.#openIn(layer, path);
      if (fd === undefined) break;
      opened.push(fd);
      sources.push({ layer, fd });
      // Nothing is below a root that it could hide from.
      if (path.length > 1 && layers.length > 1 && this.#isOpaque(fd)) break;
    }
    return sources;
  }

  /**
   * A layer without what is mounted in it, as overlay sees it. Before 5.18 files of a clone cannot be
   * reflinked (EXDEV), and an ordinary user cannot make one: there a mount point is left empty.
   */
  #openLayer(path: string): number {
    const clonable = this.host.privileged && kernelAtLeast(this.host, 5, 18);
    if (this.options.plain || !clonable) return openDirectory(this.gate, path);
    return this.gate.call('open_tree', AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  }

  /** Undefined for a mount point, and for what has gone. */
  #openIn(layer: number, path: Name): number | undefined {
    try {
      return openBelow(this.gate, this.#roots[layer] as number, path, this.options.crossMounts);
    } catch (error) {
      if (hasCode(error, 'EXDEV')) return undefined;
      if (this.options.live && hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
      throw error;
    }
  }

  #isOpaque(fd: number): boolean {
    return this.xattrs.has(fd, `${this.options.marks}.overlay.opaque`, 'y');
  }
}

/** Opens a directory by its path on the host. */
export function openDirectory(gate: Gate, path: string): number {
  return gate.call('openat', AT_FDCWD, path, O_RDONLY | O_CLOEXEC | oDirectory(gate.arch), 0);
}

/** Opens a directory below an open one; fails with ELOOP on a link, with EXDEV on a mount point unless it may cross it. */
export function openBelow(gate: Gate, root: number, path: Name, crossMounts = false): number {
  const flags = O_RDONLY | O_CLOEXEC | oDirectory(gate.arch);
  const how = openHow(flags, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | (crossMounts ? 0 : RESOLVE_NO_XDEV));
  return gate.call('openat2', root, path.length > 1 ? path : HERE, how, how.length);
}
