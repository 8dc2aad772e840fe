import type { Engine } from '../engine/index.js';
import { withStoredFiles } from './stored.js';
import { addChanges, type ChangeKind, type ChangeMap } from './tree/changes.js';

export type { ChangeKind } from './tree/changes.js';

/** One file that is not as in the image. */
export interface Change {
  readonly kind: ChangeKind;
  /** From the container's root; bytes that are not UTF-8 are U+FFFD. */
  readonly path: string;
}

/**
 * What a container changed in its file system, by path: added, changed, deleted files, as `docker diff` lists
 * them. The same from every storage driver; what is mounted in it is left out. @throws TsboxError
 */
export async function diffContainer(engine: Engine, reference: string): Promise<Change[]> {
  const changes: ChangeMap = new Map();
  await withStoredFiles(
    engine,
    reference,
    `cannot compare container ${reference} with its image`,
    async ({ trees }) => {
      for (const tree of trees) await addChanges(tree, changes);
    },
  );
  const sorted = [...changes].sort(([a], [b]) => compare(a.split('/'), b.split('/')));
  return sorted.map(([path, kind]) => ({ kind, path: Buffer.from(path, 'latin1').toString() }));
}

/** A directory comes before what is in it, and that before its next sibling. */
function compare(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((name, index) => name !== b[index]);
  if (at < 0) return a.length - b.length;
  const [left, right] = [a[at] ?? '', b[at]];
  return right === undefined || left > right ? 1 : -1;
}
