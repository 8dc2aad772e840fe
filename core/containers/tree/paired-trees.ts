import { setImmediate } from 'node:timers/promises';
import type { Gate } from '../../kernel/gate.js';
import type { Host } from '../../kernel/host.js';
import {
  EMPTY,
  joinPath,
  keyOf,
  LayerStack,
  type MergedEntry,
  mergeEntries,
  type Name,
  type Place,
  Xattrs,
} from '../../kernel/tree/index.js';
import type { StoredTree } from '../../plugin/contents.js';
import { isDifferent } from './difference.js';

const SLICE_MS = 8;

/** A name that the image has, or the container, or both. */
export interface Pair {
  readonly name: Name;
  /** Below the root of the tree, without a leading slash. */
  readonly path: Name;
  readonly base: MergedEntry | undefined;
  readonly current: MergedEntry | undefined;
  /** It comes from a layer of the image, so it is as it was. */
  readonly isShared: boolean;
}

/** What is to be visited of a directory: the layers that have it, topmost first; none where it is new or gone. */
interface Job {
  readonly path: Name;
  readonly base: readonly number[];
  readonly current: readonly number[];
}

/** What a container began with and what it has, side by side. */
export class PairedTrees {
  readonly xattrs: Xattrs;
  readonly base: LayerStack;
  readonly current: LayerStack;
  /** So many layers of the container lie above those of the image; -1 where it has copies of them. */
  readonly #own: number;
  #sliceEnd = 0;

  constructor(
    readonly gate: Gate,
    host: Host,
    readonly tree: StoredTree,
  ) {
    this.xattrs = new Xattrs(gate, host.privileged);
    this.base = new LayerStack(gate, host, this.xattrs, { marks: tree.marks, plain: true });
    this.current = new LayerStack(gate, host, this.xattrs, { marks: tree.marks, live: true });
    const isBelow = tree.base.every((layer, index) => layer === tree.current[index]);
    this.#own = isBelow ? tree.current.length - tree.base.length : -1;
  }

  /** Opens all layers; {@link close} closes them, after a failure too. @throws SyscallError */
  open(): void {
    for (const layer of this.tree.base.toReversed()) this.base.add(layer);
    for (const layer of this.tree.current.toReversed()) this.current.add(layer);
  }

  close(): void {
    this.base.close();
    this.current.close();
  }

  /**
   * Visits every pair, directories before what is in them, names in the order of their bytes. What is below
   * a directory that only the image has is not visited; `visit` answers whether what is below one is to be.
   */
  async walk(visit: (pair: Pair) => boolean | Promise<boolean>): Promise<void> {
    const jobs: Job[] = [{ path: EMPTY, base: all(this.base), current: all(this.current) }];
    for (let job = jobs.pop(); job; job = jobs.pop()) {
      const below: Job[] = [];
      await this.#visitDirectory(job, visit, below);
      jobs.push(...below.reverse());
    }
  }

  /** Whether an entry that both have was changed. */
  isChanged({ base, current, isShared }: Pair): boolean {
    if (!base || !current) return true;
    return !isShared && isDifferent(this.gate, this.xattrs, placeOf(base), placeOf(current));
  }

  async #visitDirectory(
    { path, base, current }: Job,
    visit: (pair: Pair) => boolean | Promise<boolean>,
    below: Job[],
  ): Promise<void> {
    const opened: number[] = [];
    try {
      const was = this.#entries(this.base, path, base, opened);
      const is = this.#entries(this.current, path, current, opened);
      for (const key of [...new Set([...was.keys(), ...is.keys()])].sort()) {
        const pair = this.#pair(path, was.get(key), is.get(key));
        const isDirectory = pair.current?.kind === 'directory';
        if ((await visit(pair)) && isDirectory) below.push(jobOf(pair));
        if (performance.now() > this.#sliceEnd) await this.#yield();
      }
    } finally {
      for (const fd of opened) this.gate.call('close', fd);
    }
  }

  #pair(path: Name, base: MergedEntry | undefined, current: MergedEntry | undefined): Pair {
    const { name } = (current ?? base) as MergedEntry;
    const isShared = this.#own >= 0 && base !== undefined && current?.sources[0] !== undefined;
    const topmost = current?.sources[0]?.layer ?? -1;
    return { name, path: joinPath(path, name), base, current, isShared: isShared && topmost >= this.#own };
  }

  #entries(stack: LayerStack, path: Name, layers: readonly number[], opened: number[]): Map<string, MergedEntry> {
    if (layers.length === 0) return new Map();
    const sources = stack.open(path, layers, opened);
    return new Map(mergeEntries(this.gate, sources).map((entry) => [keyOf(entry.name), entry]));
  }

  async #yield(): Promise<void> {
    await setImmediate();
    this.#sliceEnd = performance.now() + SLICE_MS;
  }
}

/** Where the topmost layer has it. */
export function placeOf({ name, sources }: MergedEntry): Place {
  return { directory: sources[0]?.fd ?? -1, name };
}

function jobOf({ path, base, current }: Pair): Job {
  const layersOf = (entry: MergedEntry | undefined) =>
    entry?.kind === 'directory' ? entry.sources.map(({ layer }) => layer) : [];
  return { path, base: layersOf(base), current: layersOf(current) };
}

function all(stack: LayerStack): number[] {
  return Array.from({ length: stack.count }, (_, index) => index);
}
