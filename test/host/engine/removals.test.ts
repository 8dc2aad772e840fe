import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { createEngine } from '../../../core/index.js';
import type { HookContexts, JsonObject, PluginDefinition } from '../../../core/plugin/index.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay');
const { directory, root, runroot } = tempRoot();
const image = `${directory}/image`;
beforeAll(() => void busyboxImage(image));

describe('what a plugin from outside says that its undo removes', () => {
  const plugin = (removals: (path: string) => unknown) => {
    const undone: string[] = [];
    const definition = {
      name: 'keeper',
      apiVersion: 1,
      hooks: {
        prepareRootfs: async ({ launch }: HookContexts['prepareRootfs']) => {
          const path = join(directory, `kept-${launch.id}`);
          const run = () => {
            mkdirSync(join(path, 'inner'), { recursive: true });
            writeFileSync(join(path, 'inner', 'file'), 'x');
          };
          await launch.step({ action: 'mkdir', target: path, undo: { kind: 'keep', args: { path } }, run });
        },
      },
      undo: {
        keep: ({ path }: JsonObject) => {
          undone.push(path as string);
          rmSync(path as string, { recursive: true, force: true });
        },
      },
      removals: { keep: ({ path }: JsonObject) => removals(path as string) },
    } as PluginDefinition;
    return { definition, undone };
  };
  const kept = () => readdirSync(directory).filter((name) => name.startsWith('kept-'));

  async function launches(definition: PluginDefinition): Promise<void> {
    await using engine = await createEngine({ root, runroot, network: 'none', plugins: [definition] });
    const lane = async () => {
      for (let i = 0; i < 4; i++) await (await engine.run({ image, command: ['true'] })).wait();
    };
    await Promise.all(Array.from({ length: 6 }, lane));
  }

  it('is removed, and its undo is mostly not needed', async () => {
    const { definition, undone } = plugin((path) => [{ kind: 'tree', path }]);
    await launches(definition);
    expect(kept()).toEqual([]);
    expect(undone.length).toBeLessThan(24);
  });

  it.each<[string, (path: string) => unknown]>([
    ['too little', (path) => [{ kind: 'directory', path }]],
    ['nothing that is a list', () => Promise.resolve([])],
    [
      'nothing, and throws',
      () => {
        throw new Error('no');
      },
    ],
  ])('is undone where that is %s', async (_, removals) => {
    const { definition, undone } = plugin(removals);
    await launches(definition);
    expect([kept(), undone.length]).toEqual([[], 24]);
  });
});
