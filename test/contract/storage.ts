import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StorageDriver } from '../../core/plugin/index.js';
import { removeTree } from '../../core/state/remove-tree.js';
import { benchLaunch, imageOf, type RunResult, runAtRoot, runPrepared } from './storage-bench.js';
import { describeStorageChanges } from './storage-changes.js';
import { LIST_FILES, MANIFEST, MERGED, makeLayers, makeRichTree, manifestOf, normalized } from './storage-fixtures.js';

/**
 * What every storage driver must do. Needs root, and Debian's packages attr and acl.
 * @param makeDriver for a store in `directory`
 * @param base an empty directory that is removed afterwards
 */
export function describeStorageDriver(
  name: string,
  makeDriver: (directory: string) => StorageDriver,
  base: string,
): void {
  let stores = 0;
  const newStore = () => join(base, `store-${stores++}`);
  const place = (label: string) => join(base, label);
  const run = (layers: readonly string[], script: string): Promise<RunResult> => {
    const store = newStore();
    return runAtRoot(makeDriver(store), benchLaunch(store, imageOf(...layers)), script);
  };
  let rich: string | undefined;
  const richTree = () => (rich ??= makeRichTree(place('rich')));

  describeStorageChanges(name, makeDriver, base);

  describe(`storage ${name}`, () => {
    it('works on this host', () => {
      expect(makeDriver(base).check()).toMatchObject({ works: true });
    });

    it('shows exactly what is in the image', async () => {
      const { status, output } = await run([richTree()], MANIFEST);
      expect(status).toBe(0);
      expect(normalized(output)).toBe(manifestOf(richTree()));
    });

    it('keeps holes', async () => {
      const { output } = await run([richTree()], 'stat -c %b sparse all-hole');
      const [sparse, hole] = output.split('\n').map(Number);
      expect(hole).toBe(0);
      expect(sparse).toBeLessThan(64);
    });

    it('merges layers by the rules of overlay', async () => {
      const layers = makeLayers(place('layers'));
      const { status, output } = await run(layers, `${LIST_FILES}; stat -c %a merged; readlink dir-to-link; ls -A`);
      const rest = ['755', place('layers/outside')];
      const names = 'back deep dir-to-file dir-to-link file-to-dir kept merged opaque replaced'.split(' ');
      expect({ status, lines: output.trim().split('\n') }).toEqual({
        status: 0,
        lines: [...MERGED, ...rest, ...names],
      });
      expect(readFileSync(place('layers/outside/kept'), 'utf8')).toBe('kept');
    });

    it('gives the root directory the attributes of the topmost layer', async () => {
      const layers = ['root-a', 'root-b'].map(place);
      for (const layer of layers) mkdirSync(layer);
      const attributes = 'chmod 1750 . && chown 5:6 . && setfattr -n user.root -v yes . && touch -d @1000000000.25 .';
      execFileSync('sh', ['-c', attributes], { cwd: layers[1] });
      const { output } = await run(layers, "stat -c '%a %u:%g %.2Y' .; getfattr --only-values -n user.root .");
      expect(output).toBe('1750 5:6 1000000000.25\nyes');
    });

    it('leaves the image as it was, whatever a container does', async () => {
      const before = manifestOf(richTree());
      const script =
        'echo changed >> etc/plain && chmod 777 bin/none && rm -rf sub bin && ln etc/plain etc/new && : > new';
      expect(await run([richTree()], script)).toEqual({ status: 0, output: '' });
      expect(manifestOf(richTree())).toBe(before);
    });

    it('hides the writes of one container from another', async () => {
      const image = imageOf(richTree());
      const [a, b] = [newStore(), newStore()].map((store) => ({
        driver: makeDriver(store),
        launch: benchLaunch(store, image),
      }));
      if (!a || !b) throw new Error('two were made');
      await a.driver.prepare(a.launch);
      await b.driver.prepare(b.launch);
      expect(runPrepared(a.driver, a.launch, 'echo mine > etc/plain; rm etc/empty; echo only > etc/a')).toMatchObject({
        status: 0,
      });
      expect(runPrepared(b.driver, b.launch, 'cat etc/plain; ls etc')).toMatchObject({
        output: 'hellodangling\nempty\nlink\nplain\nsecond\n',
      });
      expect(runPrepared(a.driver, a.launch, 'cat etc/plain etc/a')).toMatchObject({ output: 'mine\nonly\n' });
    });

    it('shows no overlay mark of a layer', async () => {
      const layer = place('marked');
      mkdirSync(join(layer, 'directory'), { recursive: true });
      writeFileSync(join(layer, 'file'), '');
      for (const mark of ['opaque', 'origin']) {
        execFileSync('setfattr', ['-n', `trusted.overlay.${mark}`, '-v', 'y', join(layer, 'directory')]);
      }
      const { status, output } = await run([layer], 'getfattr -R -m trusted.overlay -d .');
      expect({ status, output }).toEqual({ status: 0, output: '' });
    });

    it.each([
      ['of odd names', 'co:lon, com,ma, back\\slash, "quotes" and\nnewline'],
      ['of long paths', `${'d'.repeat(200)}/${'e'.repeat(200)}`],
    ])('takes layers %s', async (_, label) => {
      const layers = ['a', 'b'].map((layer) => join(base, 'paths', label, layer));
      for (const [index, layer] of layers.entries()) {
        mkdirSync(layer, { recursive: true });
        writeFileSync(join(layer, `file${index}`), String(index));
      }
      const store = join(base, 'stores', label);
      const launch = benchLaunch(store, imageOf(...layers));
      expect(await runAtRoot(makeDriver(store), launch, 'cat file0 file1; echo x > file0')).toEqual({
        status: 0,
        output: '01',
      });
    });

    it('takes 200 layers', async () => {
      const layers = Array.from({ length: 200 }, (_, index) => place(`many/${index}`));
      for (const [index, layer] of layers.entries()) {
        mkdirSync(layer, { recursive: true });
        writeFileSync(join(layer, `file${index}`), '');
        writeFileSync(join(layer, 'top'), String(index));
      }
      expect(await run(layers, 'ls | wc -l; cat top')).toEqual({ status: 0, output: '201\n199' });
    });

    it('leaves nothing but what removeTree removes', async () => {
      const store = newStore();
      const launch = benchLaunch(store, imageOf(richTree()));
      await runAtRoot(makeDriver(store), launch, 'rm -rf sub; echo x > etc/plain');
      await removeTree(launch.paths.container, launch.gate);
      expect(existsSync(launch.paths.container)).toBe(false);
      expect(existsSync(richTree())).toBe(true);
    });
  });
}
