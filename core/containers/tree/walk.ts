import { setImmediate } from 'node:timers/promises';
import type { TarEntry } from '../../image/tar/tar-entry.js';
import { EMPTY, joinPath, keyOf, type LayerStack, mergeEntries, type Name } from '../../kernel/tree/index.js';
import type { EntryReader } from './entry-reader.js';
import { placeOf } from './paired-trees.js';

const SLICE_MS = 8;

export interface WalkOptions {
  /** What stands before every name, latin1: `etc/`. */
  readonly prefix: string;
  /** Whether what is in a directory (its path below the root, latin1) is left out; it is empty then. */
  readonly isEmpty?: (path: string) => boolean;
}

interface Job {
  readonly path: Name;
  readonly layers: readonly number[];
}

/**
 * The entries of a tree, without its root: after a directory comes all that is in it, as GNU tar needs it to set
 * times; names in the order of their bytes, directories last. They are opened again by their path, without
 * following a link, so that neither depth nor width costs descriptors.
 */
export async function* walkTree(
  stack: LayerStack,
  reader: EntryReader,
  options: WalkOptions,
): AsyncGenerator<TarEntry> {
  const jobs: Job[] = [{ path: EMPTY, layers: Array.from({ length: stack.count }, (_, index) => index) }];
  let sliceEnd = 0;
  for (let job = jobs.pop(); job; job = jobs.pop()) {
    const below: Job[] = [];
    yield* directoryEntries(stack, job, reader, options, below);
    jobs.push(...below.reverse());
    if (performance.now() > sliceEnd) {
      await setImmediate();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }
}

async function* directoryEntries(
  stack: LayerStack,
  { path, layers }: Job,
  reader: EntryReader,
  { prefix, isEmpty }: WalkOptions,
  below: Job[],
): AsyncGenerator<TarEntry> {
  const opened: number[] = [];
  try {
    const sources = stack.open(path, layers, opened);
    const [topmost] = sources;
    if (!topmost) return;
    if (path.length > 1) {
      yield reader.readDirectory(topmost.fd, prefix + keyOf(path));
      if (isEmpty?.(keyOf(path))) return;
    }
    const entries = mergeEntries(stack.gate, sources).map((entry) => ({ key: keyOf(entry.name), entry }));
    for (const { entry } of entries.sort((a, b) => (a.key < b.key ? -1 : 1))) {
      const full = joinPath(path, entry.name);
      const layersOf = entry.sources.map(({ layer }) => layer);
      if (entry.kind === 'directory') below.push({ path: full, layers: layersOf });
      else yield* reader.read(placeOf(entry), prefix + keyOf(full), layersOf[0] ?? 0);
    }
  } finally {
    for (const fd of opened) stack.gate.call('close', fd);
  }
}
