import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { describe, expect, it, type TestContext } from 'vitest';
import { addChanges, type ChangeMap } from '../../core/containers/tree/changes.js';
import { PairedTrees } from '../../core/containers/tree/paired-trees.js';
import { skipInapplicable } from './inapplicable.js';
import { gate, host, imageOf, runAtRoot } from './storage-bench.js';
import { makeLayers } from './storage-fixtures.js';
import type { Stores } from './storage-stores.js';

const IMAGE = `
  mkdir -p etc bin d/sub full/a/b own; printf 1 > f; printf 2 > etc/conf; printf 3 > bin/tool; printf 4 > d/x
  printf 5 > d/sub/y; printf 6 > full/a/b/deep; ln -s f link; printf 7 > own/file; printf 8 > 'sp ace'
  mkfifo pipe; mknod null c 1 3; printf 9 > tree; mkdir branch; printf 0 > branch/leaf; printf h > one; ln one other
  touch -d '2001-02-03 04:05:06.123456789' f etc/conf d/x
`;

/** What is done in a container, and what is then listed. */
const CASES: readonly (readonly [string, script: string, expected: readonly string[]])[] = [
  ['nothing', 'cat f etc/conf > /dev/null; ls -R > /dev/null', []],
  ['a new file', 'echo > new', ['A /new']],
  ['a new directory with files', 'mkdir -p n/m; echo > n/m/o', ['A /n', 'A /n/m', 'A /n/m/o']],
  ['a file that is longer', 'echo more >> etc/conf', ['C /etc', 'C /etc/conf']],
  ['a file with another text of the same length', 'printf 8 > f', ['C /f']],
  ['another mode', 'chmod 711 bin/tool; chmod 700 d', ['C /bin', 'C /bin/tool', 'C /d']],
  ['another owner', 'chown 7:8 own/file; chown 9 own; chown -h 5 link', ['C /link', 'C /own', 'C /own/file']],
  ['an owner there and back', 'chown 7 own/file; chown 0 own/file', []],
  ['an attribute', 'setfattr -n user.a -v b d/x; setfattr -n user.c -v d own', ['C /d', 'C /d/x', 'C /own']],
  ['another time', "touch -d '2005-01-01' f", ['C /f']],
  ['another time of a directory', "touch -d '2005-01-01' etc", []],
  ['a renamed file', 'mv f g', ['D /f', 'A /g']],
  ['a renamed directory', 'mv full/a moved', ['C /full', 'D /full/a', 'A /moved', 'A /moved/b', 'A /moved/b/deep']],
  ['a removed file', 'rm bin/tool', ['C /bin', 'D /bin/tool']],
  ['a removed directory', 'rm -r full', ['D /full']],
  ['a file that came and went', 'echo > new; rm new; mkdir x; rmdir x', []],
  ['a directory anew', 'rm -r d; mkdir d; echo > d/z', ['C /d', 'D /d/sub', 'D /d/x', 'A /d/z']],
  ['a directory in the place of a file', 'rm tree; mkdir tree; echo > tree/t', ['C /tree', 'A /tree/t']],
  ['a file in the place of a directory', 'rm -r branch; echo > branch', ['C /branch']],
  ['a link', 'ln -s /nowhere etc/new; ln -sfn d link', ['C /etc', 'A /etc/new', 'C /link']],
  ['a hard link', 'ln etc/conf again', ['A /again']],
  ['devices and pipes', 'mkfifo p; mknod n c 1 5; rm null; mknod null c 1 7', ['A /n', 'C /null', 'A /p']],
  [
    'odd names',
    "echo > 'a b'; echo > \"$(printf 'n\\nl')\"; echo > \"$(printf '\\303\\274')\"; rm 'sp ace'",
    ['A /a b', 'A /n\nl', 'D /sp ace', 'A /\u00fc'],
  ],
  ['the places of mounts', 'mkdir dev proc sys; : > etc/hosts; : > etc/hostname; : > etc/resolv.conf', []],
  [
    'more than the places of mounts',
    'mkdir proc; echo > proc/x; echo x > etc/hosts',
    ['C /etc', 'A /etc/hosts', 'C /proc', 'A /proc/x'],
  ],
];

/** What is found of a container's changes in what its storage driver says it has: the same with every driver. */
export function describeStorageChanges(stores: Stores, layered: (context: TestContext) => Promise<void>): void {
  let made: string | undefined;
  const image = () => {
    if (made) return made;
    made = stores.place('changes-image');
    mkdirSync(made);
    execFileSync('bash', ['--norc', '-euc', IMAGE], { cwd: made });
    return made;
  };
  const changesOf = async (layers: readonly string[], script: string): Promise<string[]> => {
    const store = stores.newStore();
    const driver = await stores.driver(store);
    const launch = stores.launch(store, imageOf(...layers));
    expect(await runAtRoot(driver, launch, `set -e; ${script}`)).toMatchObject({ status: 0 });
    const changes: ChangeMap = new Map();
    const stored = driver.contents?.({ directory: launch.paths.container, image: launch.image, userns: false }) ?? [];
    for (const tree of stored) {
      const trees = new PairedTrees(gate, host, tree);
      try {
        trees.open();
        await addChanges(trees, changes);
      } finally {
        trees.close();
      }
    }
    const byPath = [...changes].sort(([a], [b]) => (a < b ? -1 : 1));
    return byPath.map(([path, kind]) => `${kind} ${Buffer.from(path, 'latin1')}`);
  };
  const sorted = (lines: readonly string[]) => [...lines].sort((a, b) => (latin1(a) < latin1(b) ? -1 : 1));

  const readable = async (context: TestContext) => {
    const driver = await stores.driver(stores.newStore());
    skipInapplicable(context, driver.contents === undefined, 'it has no contents(): no diff, export and commit');
  };

  describe('what changed in it', () => {
    for (const [what, script, expected] of CASES)
      it(what, async (context) => {
        await readable(context);
        expect(await changesOf([image()], script)).toEqual(sorted(expected));
      });

    it('is told from the merged layers of the image', async (context) => {
      await readable(context);
      await layered(context);
      const layers = makeLayers(stores.place('changes-layers'));
      expect(await changesOf(layers, 'true')).toEqual([]);
      const script =
        'echo > hidden; rm merged/lower; rm -r opaque; mkdir opaque; echo > opaque/lower; echo > deep/a/b/lower';
      expect(await changesOf(layers, script)).toEqual([
        'C /deep',
        'C /deep/a',
        'C /deep/a/b',
        'A /deep/a/b/lower',
        'A /hidden',
        'C /merged',
        'D /merged/lower',
        'C /opaque',
        'A /opaque/lower',
        'D /opaque/upper',
      ]);
    });
  });
}

/** Without the kind. */
function latin1(line: string): string {
  return Buffer.from(line.slice(2)).toString('latin1');
}
