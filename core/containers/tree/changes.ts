import { statusIfThere } from '../../kernel/statx.js';
import { keyOf, type Name } from '../../kernel/tree/index.js';
import { isMadePlace } from './made-places.js';
import { type Pair, type PairedTrees, placeOf } from './paired-trees.js';

/** As docker has them: added, changed, deleted. */
export type ChangeKind = 'A' | 'C' | 'D';

/** Kinds by path: bytes as latin1, with a leading slash. */
export type ChangeMap = Map<string, ChangeKind>;

/**
 * What a container changed in one tree. A directory in which something changed is changed; all that is in
 * a new one is new; of one that is gone only its own name is listed.
 */
export async function addChanges(trees: PairedTrees, changes: ChangeMap): Promise<void> {
  const prefix = trees.tree.path === '/' ? '' : Buffer.from(trees.tree.path).toString('latin1');
  await trees.walk((pair) => {
    if (pair.isShared) return false;
    const kind = kindOf(trees, pair);
    if (kind) add(changes, prefix, pair.path, kind);
    return pair.current !== undefined;
  });
}

function kindOf(trees: PairedTrees, pair: Pair): ChangeKind | undefined {
  if (!pair.current) return 'D';
  if (pair.base) return trees.isChanged(pair) ? 'C' : undefined;
  const { directory, name } = placeOf(pair.current);
  const status = statusIfThere(trees.gate, directory, name);
  return !status || isMadePlace(pair.path, status) ? undefined : 'A';
}

function add(changes: ChangeMap, prefix: string, path: Name, kind: ChangeKind): void {
  const full = `${prefix}/${keyOf(path)}`;
  changes.set(full, kind);
  for (let end = full.lastIndexOf('/'); end > 0; end = full.lastIndexOf('/', end - 1)) {
    const parent = full.slice(0, end);
    if (changes.has(parent)) return;
    changes.set(parent, 'C');
  }
}
