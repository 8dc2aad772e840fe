import { hasCode } from '../../kernel/error.js';
import { S_IFMT, S_IFREG, S_IFSOCK } from '../../kernel/fcntl.js';
import type { Gate } from '../../kernel/gate.js';
import type { Host } from '../../kernel/host.js';
import { type FileStatus, statusIfThere, statusOf } from '../../kernel/statx.js';
import {
  Attributes,
  EMPTY,
  EntryCopier,
  type MergedEntry,
  type Name,
  openBelow,
  openDirectory,
} from '../../kernel/tree/index.js';
import { isMadePlace } from './made-places.js';
import { type Pair, type PairedTrees, placeOf } from './paired-trees.js';

const SLASH = 0x2f;

/** What a layer came to. */
export interface LayerSize {
  readonly files: number;
  readonly bytes: number;
}

export interface LayerCopyRequest {
  readonly trees: PairedTrees;
  /** An empty directory. */
  readonly target: string;
  /** Whether files of a layer never change, so that they can be had by another link. */
  readonly isLinkable: (layer: string) => boolean;
}

interface Directory {
  readonly path: Name;
  readonly layers: readonly number[];
}

/**
 * Makes one whole layer of what a container has. Files that are as in the image are linked (link(2)) where that
 * is possible, so that they take no room and stay when the image goes; all else is copied, reflinked where the
 * file system can.
 */
export class LayerCopy {
  readonly #attributes: Attributes;
  readonly #directories: Directory[] = [];
  #target = -1;
  #entries!: EntryCopier;
  /** The directory that is being filled. */
  #parent: { readonly path: string; readonly fd: number } | undefined;
  #files = 0;
  #bytes = 0;

  constructor(
    readonly gate: Gate,
    readonly host: Host,
    readonly request: LayerCopyRequest,
  ) {
    this.#attributes = new Attributes(gate, host);
  }

  /** Extended attributes that could not be kept: how many, by namespace. */
  get lostXattrs(): ReadonlyMap<string, number> {
    return this.#attributes.xattrs.lost;
  }

  async make(): Promise<LayerSize> {
    const { trees, target } = this.request;
    try {
      this.#target = openDirectory(this.gate, target);
      // A set-group-id bit that came from the store would be inherited by what is made below.
      this.gate.call('fchmod', this.#target, 0o700);
      this.#entries = new EntryCopier(this.gate, this.host, this.#attributes, this.#target);
      const layers = Array.from({ length: trees.current.count }, (_, index) => index);
      this.#directories.push({ path: EMPTY, layers });
      await trees.walk((pair) => this.#visit(pair));
      for (const directory of this.#directories.reverse()) this.#finish(directory);
      // Renames reach the disk before data: without this a power failure could leave empty files.
      this.gate.call('syncfs', this.#target);
      return { files: this.#files, bytes: this.#bytes };
    } finally {
      if (this.#parent) this.gate.call('close', this.#parent.fd);
      if (this.#target >= 0) this.gate.call('close', this.#target);
    }
  }

  async #visit(pair: Pair): Promise<boolean> {
    const { current, base, path, name } = pair;
    if (!current) return false;
    const { directory } = placeOf(current);
    const status = statusIfThere(this.gate, directory, current.name);
    // A place for a mount of ours stays only if something was put into it: /etc.
    if (!status || (status.mode & S_IFMT) === S_IFSOCK) return false;
    if (!base && isMadePlace(path, status) && !this.#isEtc(path)) return false;
    const to = this.#parentOf(path);
    if (current.kind === 'directory') {
      this.gate.call('mkdirat', to, name, 0o700);
      this.#directories.push({ path, layers: current.sources.map(({ layer }) => layer) });
      return true;
    }
    this.#count(status);
    if (!this.#link(pair, to, status)) await this.#copy(current, to, path);
    return false;
  }

  #isEtc(path: Name): boolean {
    return path.toString('latin1') === 'etc\0';
  }

  /** False where it has to be copied. A file with several names is copied, so that its names stay one file. */
  #link(pair: Pair, to: number, status: FileStatus): boolean {
    const { base, name } = pair;
    if (!base || !this.#isLinkable(base) || (!pair.isShared && status.links > 1) || this.request.trees.isChanged(pair))
      return false;
    try {
      this.gate.call('linkat', placeOf(base).directory, name, to, name, 0);
      return true;
    } catch (error) {
      // Another file system, too many links, links forbidden (proc_sys_fs(5), protected_hardlinks).
      if (hasCode(error, 'EXDEV', 'EMLINK', 'EPERM', 'EOPNOTSUPP')) return false;
      throw error;
    }
  }

  #isLinkable({ sources }: MergedEntry): boolean {
    const layer = this.request.trees.tree.base.at(-1 - (sources[0]?.layer ?? 0));
    return layer !== undefined && this.request.isLinkable(layer);
  }

  async #copy(entry: MergedEntry, to: number, path: Name): Promise<void> {
    const from = placeOf(entry);
    const place = { directory: to, name: entry.name };
    const transfer = { layer: entry.sources[0]?.layer ?? 0, from, to: place, path: () => path };
    this.#entries.resume();
    await (entry.kind === 'regular' ? this.#entries.copyRegular(transfer) : this.#entries.copyOther(transfer));
  }

  #count({ mode, size, allocated }: FileStatus): void {
    if ((mode & S_IFMT) !== S_IFREG) return;
    this.#files++;
    this.#bytes += Math.min(size, allocated);
  }

  /** Entries come directory by directory. */
  #parentOf(path: Name): number {
    const end = path.lastIndexOf(SLASH);
    const directory = end < 0 ? EMPTY : Buffer.concat([path.subarray(0, end), EMPTY]);
    const key = directory.toString('latin1');
    if (this.#parent?.path !== key) {
      if (this.#parent) this.gate.call('close', this.#parent.fd);
      this.#parent = undefined;
      this.#parent = { path: key, fd: openBelow(this.gate, this.#target, directory) };
    }
    return this.#parent.fd;
  }

  /** Last of all: making files in it changes its times, and its mode may forbid it. */
  #finish({ path, layers }: Directory): void {
    const opened: number[] = [];
    try {
      const [source] = this.request.trees.current.open(path, layers, opened);
      if (!source) return;
      const to = openBelow(this.gate, this.#target, path);
      opened.push(to);
      this.#attributes.copyToFd(source.fd, to, statusOf(this.gate, source.fd));
    } finally {
      for (const fd of opened) this.gate.call('close', fd);
    }
  }
}
