import {
  AT_FDCWD,
  type Gate,
  type Host,
  hasCode,
  kernelAtLeast,
  O_CLOEXEC,
  O_RDONLY,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  oDirectory,
  openHow,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
} from '../../core/plugin/index.js';
import type { Source } from './merged-directory.js';
import type { Name } from './names.js';
import type { Xattrs } from './xattrs.js';

const HERE = Buffer.from('.\0');

/** The open layers of an image. Closing it is the caller's. */
export class LayerStack {
  /** Topmost first. */
  readonly #roots: number[] = [];

  constructor(
    readonly gate: Gate,
    readonly host: Host,
    readonly xattrs: Xattrs,
  ) {}

  get count(): number {
    return this.#roots.length;
  }

  /** Puts a layer below those that are open. */
  add(path: string): void {
    this.#roots.push(this.#openLayer(path));
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
    if (!this.host.privileged || !kernelAtLeast(this.host, 5, 18)) return openDirectory(this.gate, path);
    return this.gate.call('open_tree', AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  }

  /** Undefined for a mount point. */
  #openIn(layer: number, path: Name): number | undefined {
    try {
      return openBelow(this.gate, this.#roots[layer] as number, path);
    } catch (error) {
      if (hasCode(error, 'EXDEV')) return undefined;
      throw error;
    }
  }

  /** Root's layers have overlay's marks in trusted.*, an ordinary user's in user.*. */
  #isOpaque(fd: number): boolean {
    const namespace = this.host.privileged ? 'trusted' : 'user';
    return this.xattrs.has(fd, `${namespace}.overlay.opaque`, 'y');
  }
}

/** Opens a directory by its path on the host. */
export function openDirectory(gate: Gate, path: string): number {
  return gate.call('openat', AT_FDCWD, path, O_RDONLY | O_CLOEXEC | oDirectory(gate.arch), 0);
}

/** Opens a directory below an open one; fails with ELOOP on a link, with EXDEV on a mount point. */
export function openBelow(gate: Gate, root: number, path: Name): number {
  const flags = O_RDONLY | O_CLOEXEC | oDirectory(gate.arch);
  const how = openHow(flags, RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
  return gate.call('openat2', root, path.length > 1 ? path : HERE, how, how.length);
}
