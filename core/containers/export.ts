import type { Engine } from '../engine/index.js';
import type { TarEntry } from '../image/tar/tar-entry.js';
import { writeTar } from '../image/tar/tar-writer.js';
import { explained, openStoredFiles, type StoredFiles } from './stored.js';
import { EntryReader } from './tree/entry-reader.js';
import { walkTree } from './tree/walk.js';

/**
 * The file system of a container as an archive, running or not: what its image and its own changes come to,
 * without what is mounted in it. Pieces are made as they are asked for.
 * @throws TsboxError
 */
export async function* exportContainer(engine: Engine, reference: string): AsyncGenerator<Buffer> {
  const what = `cannot export container ${reference}`;
  const files = await openStoredFiles(engine, reference, what);
  try {
    yield* writeTar(entriesOf(engine, files));
  } catch (error) {
    throw explained(what, error);
  } finally {
    files.close();
  }
}

/** One file system after the other: that of the root, then those in it. */
async function* entriesOf({ gate }: Engine, { trees, ids }: StoredFiles): AsyncGenerator<TarEntry> {
  const inner = trees.map(({ tree }) => tree.path.slice(1)).filter((path) => path !== '');
  for (const { tree, current } of trees) {
    const reader = new EntryReader(gate, { owner: (owner) => ids.inside(owner) });
    const below = tree.path.slice(1);
    const prefix = below === '' ? '' : `${Buffer.from(below).toString('latin1')}/`;
    // What a mount covers belongs to nobody.
    const isEmpty = (path: string) => inner.includes(Buffer.from(prefix + path, 'latin1').toString());
    yield* walkTree(current, reader, { prefix, isEmpty });
  }
}
