import { setImmediate } from 'node:timers/promises';
import { hasCode } from '../error.js';
import type { Gate } from '../gate.js';
import type { Host } from '../host.js';
import { statusOf } from '../statx.js';
import { Attributes } from './attributes.js';
import { EntryCopier } from './entry-copier.js';
import { LayerStack, openBelow, openDirectory } from './layer-stack.js';
import { type MergedEntry, mergeEntries, type Source } from './merged-directory.js';
import { EMPTY, joinPath, type Name } from './names.js';

const SLICE_MS = 8;
const HERE = Buffer.from('.\0');

/** A directory that is still to be filled: the layers that have it, topmost first. */
interface Job {
  readonly path: Name;
  readonly layers: readonly number[];
}

export interface CopyRequest {
  /** Directories, lowest first. */
  readonly layers: readonly string[];
  /** An empty directory. */
  readonly target: string;
  /** Directories of which a copy is empty: where the copies are, or it would never end. */
  readonly leaveOut?: readonly string[];
}

/**
 * Copies a stack of layers into one tree, by overlay's rules, as `cp -a` would copy what an overlay
 * of them shows. Everything is opened relative to pinned directories and no link is followed, so a
 * link in an image leads nowhere. Yields to the event loop every few milliseconds.
 */
export class TreeCopier {
  readonly #attributes: Attributes;
  readonly #stack: LayerStack;
  readonly #jobs: Job[] = [];
  /** Directories that their owner may not enter, closed when all is done. */
  readonly #closed: { path: Name; mode: number }[] = [];
  readonly #leftOut = new Set<string>();
  #target = -1;
  #entries!: EntryCopier;
  #sliceEnd = 0;

  /**
   * For one copy.
   * @param explain makes of a failure the error that names the file, or gives one back that does
   */
  constructor(
    readonly gate: Gate,
    readonly host: Host,
    readonly explain: (error: unknown, path: Name) => Error,
  ) {
    this.#attributes = new Attributes(gate, host);
    // Root's layers have overlay's marks in trusted.*, an ordinary user's in user.*.
    const marks = host.privileged ? 'trusted' : 'user';
    this.#stack = new LayerStack(gate, host, this.#attributes.xattrs, { marks });
  }

  /** Extended attributes that could not be kept: how many, by namespace. */
  get lostXattrs(): ReadonlyMap<string, number> {
    return this.#attributes.xattrs.lost;
  }

  /** @throws what `explain` makes of a failure */
  async copy({ layers, target, leaveOut = [] }: CopyRequest): Promise<void> {
    try {
      for (const path of leaveOut) this.#leaveOut(path);
      for (const layer of layers.toReversed()) this.#stack.add(layer);
      this.#target = openDirectory(this.gate, target);
      // A set-group-id bit that came from the store would be inherited by what is made below.
      this.gate.call('fchmod', this.#target, 0o700);
      this.#entries = new EntryCopier(this.gate, this.host, this.#attributes, this.#target);
      this.#jobs.push({ path: EMPTY, layers: Array.from({ length: this.#stack.count }, (_, index) => index) });
      for (let job = this.#jobs.pop(); job; job = this.#jobs.pop()) await this.#copyDirectory(job);
      for (const { path, mode } of this.#closed.reverse()) this.gate.call('fchmodat', this.#target, path, mode);
    } finally {
      this.#stack.close();
      if (this.#target >= 0) this.gate.call('close', this.#target);
    }
  }

  async #copyDirectory({ path, layers }: Job): Promise<void> {
    const opened: number[] = [];
    try {
      const sources = this.#stack.open(path, layers, opened);
      const to = openBelow(this.gate, this.#target, path);
      opened.push(to);
      if (!this.#isLeftOut(sources)) await this.#copyEntries(sources, to, path);
      if (sources[0]) this.#finishDirectory(sources[0].fd, to, path);
    } catch (error) {
      throw this.explain(error, path);
    } finally {
      for (const fd of opened) this.gate.call('close', fd);
    }
  }

  async #copyEntries(sources: readonly Source[], to: number, path: Name): Promise<void> {
    for (const entry of mergeEntries(this.gate, sources)) {
      try {
        const rest = this.#copyEntry(entry, to, path);
        if (rest) await rest.then(() => this.#entries.resume());
      } catch (error) {
        throw this.explain(error, joinPath(path, entry.name));
      }
      if (performance.now() > this.#sliceEnd) await this.#yield();
    }
  }

  /** @returns a promise for what takes its time: one for each of thousands of small files would be felt */
  #copyEntry({ name, sources, kind }: MergedEntry, to: number, parent: Name): Promise<void> | undefined {
    if (kind === 'directory') {
      this.gate.call('mkdirat', to, name, 0o700);
      this.#jobs.push({ path: joinPath(parent, name), layers: sources.map((source) => source.layer) });
      return undefined;
    }
    const [{ fd, layer }] = sources as [Source];
    const transfer = {
      layer,
      from: { directory: fd, name },
      to: { directory: to, name },
      path: () => joinPath(parent, name),
    };
    return kind === 'regular' ? this.#entries.copyRegular(transfer) : this.#entries.copyOther(transfer);
  }

  #finishDirectory(from: number, to: number, path: Name): void {
    const status = statusOf(this.gate, from);
    this.#attributes.copyToFd(from, to, status);
    // Its entries are there, but theirs are not yet.
    if (this.host.privileged || (status.mode & 0o700) === 0o700) return;
    this.gate.call('fchmod', to, (status.mode & 0o7777) | 0o700);
    this.#closed.push({ path: path.length > 1 ? path : HERE, mode: status.mode & 0o7777 });
  }

  #leaveOut(path: string): void {
    let fd: number;
    try {
      fd = openDirectory(this.gate, path);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return;
      throw error;
    }
    try {
      this.#leftOut.add(this.#identity(fd));
    } finally {
      this.gate.call('close', fd);
    }
  }

  #isLeftOut([source]: readonly Source[]): boolean {
    return source === undefined || (this.#leftOut.size > 0 && this.#leftOut.has(this.#identity(source.fd)));
  }

  #identity(fd: number): string {
    const { device, inode } = statusOf(this.gate, fd);
    return `${device}:${inode}`;
  }

  async #yield(): Promise<void> {
    await setImmediate();
    this.#entries.resume();
    this.#sliceEnd = performance.now() + SLICE_MS;
  }
}
