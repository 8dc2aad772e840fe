import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { removeTree } from '../../core/state/remove-tree.js';
import { skipInapplicable } from './inapplicable.js';
import { imageOf, type RunResult, runAtRoot, runPrepared } from './storage-bench.js';
import { describeStorageChanges } from './storage-changes.js';
import { LIST_FILES, MANIFEST, MERGED, makeLayers, makeRichTree, manifestOf, normalized } from './storage-fixtures.js';
import type { Stores } from './storage-stores.js';

/** What every storage driver must do. Needs root, and Debian's packages attr and acl. */
export function describeStorageContents(stores: Stores): void {
  const place = (label: string) => stores.place(label);
  const run = (layers: readonly string[], script: string): Promise<RunResult> => stores.run(imageOf(...layers), script);
  const layered = async (context: TestContext) => {
    const { capabilities } = await stores.driver(stores.newStore());
    skipInapplicable(context, !capabilities.layers, 'it takes images of one layer');
  };
  let rich: string | undefined;
  const richTree = () =>
    (rich ??= makeRichTree(place('rich'), stores.lacks.includes('names of 255 bytes') ? 200 : 255));

  describeStorageChanges(stores, layered);

  describe('the root file system', () => {
    it('shows exactly what is in the image', async () => {
      const { status, output } = await run([richTree()], MANIFEST);
      expect(status).toBe(0);
      expect(normalized(output)).toBe(manifestOf(richTree()));
    });

    it('keeps holes', async (context) => {
      skipInapplicable(context, stores.lacks.includes('holes'), 'its description says that it does not');
      const { output } = await run([richTree()], 'stat -c %b sparse all-hole');
      const [sparse, hole] = output.split('\n').map(Number);
      expect(hole).toBe(0);
      expect(sparse).toBeLessThan(64);
    });

    it('merges layers by the rules of overlay', async (context) => {
      await layered(context);
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

    it('gives the root directory the attributes of the topmost layer', async (context) => {
      await layered(context);
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
      const one = async (store: string) => ({
        driver: await stores.driver(store),
        launch: stores.launch(store, image),
      });
      const [a, b] = [await one(stores.newStore()), await one(stores.newStore())];
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
      const layers = ['a', 'b'].map((layer) => join(place('paths'), label, layer));
      for (const [index, layer] of layers.entries()) {
        mkdirSync(layer, { recursive: true });
        writeFileSync(join(layer, `file${index}`), String(index));
      }
      const store = join(place('stores'), label);
      const { capabilities } = await stores.driver(store);
      const image = imageOf(...(capabilities.layers ? layers : layers.slice(0, 1)));
      expect(await stores.run(image, 'cat file*; echo x > file0', store)).toEqual({
        status: 0,
        output: capabilities.layers ? '01' : '0',
      });
    });

    it('takes 200 layers', async (context) => {
      await layered(context);
      const layers = Array.from({ length: 200 }, (_, index) => place(`many/${index}`));
      for (const [index, layer] of layers.entries()) {
        mkdirSync(layer, { recursive: true });
        writeFileSync(join(layer, `file${index}`), '');
        writeFileSync(join(layer, 'top'), String(index));
      }
      expect(await run(layers, 'ls | wc -l; cat top')).toEqual({ status: 0, output: '201\n199' });
    });

    it('leaves nothing but what removeTree removes', async () => {
      const store = stores.newStore();
      const launch = stores.launch(store, imageOf(richTree()));
      await runAtRoot(await stores.driver(store), launch, 'rm -rf sub; echo x > etc/plain');
      await stores.takeBack();
      await removeTree(launch.paths.container, launch.gate);
      expect(existsSync(launch.paths.container)).toBe(false);
      expect(existsSync(richTree())).toBe(true);
    });
  });
}
