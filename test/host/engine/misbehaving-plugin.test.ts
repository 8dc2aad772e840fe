import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import { type BoxOptions, type CreateOptions, createEngine } from '../../../core/index.js';
import {
  type ChildProgram,
  definePlugin,
  type Launch,
  type PluginDefinition,
  type StorageDriver,
  WORKS,
} from '../../../core/plugin/index.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox');
const { directory, root, runroot } = tempRoot();
const image = busyboxImage(join(directory, 'image'), { 'etc/hosts': '', 'etc/hostname': '', 'etc/resolv.conf': '' });

async function run(plugins: PluginDefinition[], options: Partial<BoxOptions & CreateOptions> = {}) {
  const { hookTimeout = 60_000, ...more } = options;
  await using engine = await createEngine({ root, runroot, network: 'none', plugins, hookTimeout });
  const box = await engine.run({ image, command: ['true'], ...more });
  return await box.result();
}

const files = (path: string) => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};
const left = () => [join(root, 'containers'), join(root, 'names'), join(runroot, 'journal')].flatMap(files);

class ViewDriver implements StorageDriver {
  readonly capabilities = { layers: false, unprivileged: false, clone: 'constant-time' } as const;
  readonly #view = 'view';
  check = () => WORKS;
  async prepare(launch: Launch): Promise<void> {
    launch.rootfs = (await launch.directories(this.#view))[this.#view] as string;
  }
  record(child: ChildProgram, launch: Launch): void {
    child.rootfs(child.openTree(launch.image.layers[0] as string, { readOnly: true }));
  }
}

/** The smallest storage driver, with something else in place of a part of it. */
const viewWith = (parts: object): PluginDefinition =>
  definePlugin({
    name: 'odd',
    apiVersion: 1,
    drivers: { storage: { odd: () => Object.assign(new ViewDriver(), parts) as StorageDriver } },
  });

afterEach(() => expect(left()).toEqual([]));

describe('a driver of a plugin', () => {
  const fails = () => {
    throw new Error('no luck');
  };

  it('with private fields works as it is', async () => {
    expect((await run([viewWith({})], { storage: 'odd' })).status).toBe(0);
  });

  for (const method of ['check', 'validate', 'prepare', 'record'] as const) {
    it(`that throws in ${method} is named, and the launch is undone`, async () => {
      await expect(run([viewWith({ [method]: fails })], { storage: 'odd' })).rejects.toMatchObject({
        code: 'ERR_TSBOX_PLUGIN',
        message: `plugin "odd" failed in ${method} of its storage driver "odd": no luck`,
        undoErrors: [],
      });
    });
  }

  it('that throws in attach is named, and the launch is undone', async () => {
    const plugin = definePlugin({
      name: 'cable',
      apiVersion: 1,
      drivers: {
        network: {
          cable: () => ({
            capabilities: { ownNamespace: true, ports: false, address: false, unprivileged: true },
            check: () => WORKS,
            prepare: async (launch) => void launch.namespaces.add('net'),
            attach: fails,
          }),
        },
      },
    });
    await expect(run([plugin], { network: 'cable' })).rejects.toMatchObject({
      message: 'plugin "cable" failed in attach of its network driver "cable": no luck',
      undoErrors: [],
    });
  });

  it('whose promise is rejected is named', async () => {
    const plugin = viewWith({ prepare: () => Promise.reject(new Error('no luck')) });
    await expect(run([plugin], { storage: 'odd' })).rejects.toThrow(
      'plugin "odd" failed in prepare of its storage driver "odd": no luck',
    );
  });

  it('that never settles is named', async () => {
    const plugin = viewWith({ prepare: () => new Promise(() => {}) });
    await expect(run([plugin], { storage: 'odd', hookTimeout: 300 })).rejects.toThrow(/plugin "odd" did not finish /);
  });

  it.each<[object, string]>([
    [{ record: undefined }, 'its storage driver "odd" has no record'],
    [{ capabilities: undefined }, 'its storage driver "odd" has no capabilities'],
    [{ check: () => true }, 'check of its storage driver "odd" gave true'],
    [{ check: () => undefined }, 'check of its storage driver "odd" gave undefined'],
    [{ check: () => ({ works: false }) }, 'check of its storage driver "odd" gave {"works":false}'],
  ])('that is none is refused: %o', async (parts, why) => {
    await expect(run([viewWith(parts)], { storage: 'odd' })).rejects.toMatchObject({
      code: 'ERR_TSBOX_PLUGIN',
      what: 'plugin "odd" cannot be used',
      why,
    });
  });

  it('whose factory throws, or makes nothing, is named', async () => {
    const made = (make: () => unknown) =>
      definePlugin({ name: 'odd', apiVersion: 1, drivers: { storage: { odd: make as () => StorageDriver } } });
    await expect(run([made(fails)], { storage: 'odd' })).rejects.toThrow(
      'plugin "odd" failed in making its storage driver "odd": no luck',
    );
    await expect(run([made(() => undefined)], { storage: 'odd' })).rejects.toThrow('has no check');
  });
});

describe('a step of a plugin', () => {
  it('is refused before it runs where its undo is missing', async () => {
    let ran = false;
    const plugin = definePlugin({
      name: 'forgetful',
      apiVersion: 1,
      undo: { umount: () => {} },
      hooks: {
        preClone: async ({ launch }) =>
          launch.step({
            action: 'mount',
            target: '/x',
            undo: { kind: 'unmount', args: {} },
            run: () => {
              ran = true;
            },
          }),
      },
    });
    await expect(run([plugin])).rejects.toMatchObject({
      code: 'ERR_TSBOX_PLUGIN',
      what: 'plugin "forgetful" must not mount /x',
      why: 'it names "unmount" to take that back, and has no undo function of that name',
    });
    expect(ran).toBe(false);
  });

  it('is refused when its handler was given up on', async () => {
    let late = '';
    let goOn = () => {};
    const plugin = definePlugin({
      name: 'slow',
      apiVersion: 1,
      hooks: {
        preClone: async ({ launch }) => {
          await new Promise<void>((resolve) => {
            goOn = resolve;
          });
          const step = launch.step({ action: 'take', target: 'something', run: () => {} });
          await step.catch((error: Error) => {
            late = error.message;
          });
        },
      },
    });
    await expect(run([plugin], { hookTimeout: 300 })).rejects.toThrow('plugin "slow" did not finish hook preClone');
    goOn();
    const why = 'plugin "slow" must not take something: the launch has failed and was undone';
    await expect.poll(() => late).toBe(why);
  });

  it('whose undo never settles does not hold up the others', async () => {
    const undone: string[] = [];
    const make = (undo: () => void | Promise<void>) =>
      definePlugin({
        name: 'stuck',
        apiVersion: 1,
        undo: { stay: undo, note: () => void undone.push('note') },
        hooks: {
          preClone: async ({ launch }) => {
            for (const kind of ['note', 'stay'])
              await launch.step({ action: kind, target: 'x', undo: { kind, args: {} }, run: () => {} });
            throw new Error('first');
          },
        },
      });
    const error = await run([make(() => new Promise(() => {}))], { hookTimeout: 300 }).catch((reason) => reason);
    expect(error.message).toBe('plugin "stuck" failed in hook preClone: first');
    expect(error.undoErrors.map(({ cause }: Error) => (cause as Error).message)).toEqual([
      'plugin "stuck" did not finish undo of "stay": its promise had not settled after 0.3 seconds',
    ]);
    expect(undone).toEqual(['note']);
    await using engine = await createEngine({ root, runroot, plugins: [make(() => {})] });
    await engine.gc();
  });
});

describe('plugins that cannot stand beside each other', () => {
  const bare = (name: string, more: object = {}) => definePlugin({ name, apiVersion: 1, ...more });
  const storage = { storage: { view: () => new ViewDriver() } };

  it.each<[PluginDefinition[], string]>([
    [[bare('twin'), bare('twin')], 'plugin "twin" cannot be loaded: there is another plugin of that name'],
    [[bare('sandbox')], 'plugin "sandbox" cannot be loaded: there is another plugin of that name'],
    [
      [bare('one', { drivers: storage }), bare('two', { drivers: storage })],
      'plugin "two" cannot be loaded: the plugin "one" has a storage driver "view" already',
    ],
    [
      [bare('mine', { drivers: { storage: { overlay: () => new ViewDriver() } } })],
      'the plugin "storage-overlay" has a storage driver "overlay" already',
    ],
    [[bare('mine', { drivers: { log: { file: () => ({}) } } })], 'the plugin "tsbox" has a log driver "file" already'],
    [[bare('odd', { hook: {} })], 'plugin "odd" cannot be loaded: "hook" is no part of a plugin'],
    [[bare('odd', { drivers: { storge: {} } })], '"storge" is no kind of driver'],
    [[bare('odd', { hooks: { preclone: () => {} } })], 'there is no hook preclone'],
    [[bare('odd', { removals: { x: () => [] } })], 'its removals.x, or undo.x, is not a function'],
    [[bare('odd', { drivers: { storage: { x: {} } } })], 'its drivers.storage.x is not a function'],
    [[bare('odd', { options: { x: { type: 'text' } } })], 'its option "x" has no type'],
    [[bare('odd', { apiVersion: '>=2 <3' })], 'it is written for plugin API >=2 <3; this tsbox has 1.0.0'],
    [[bare('odd', { apiVersion: 'newest' })], 'its apiVersion "newest" is no range of versions'],
    [[{} as PluginDefinition], 'no default export made by definePlugin'],
  ])('%o are refused by name', async (plugins, message) => {
    await expect(createEngine({ root, runroot, plugins })).rejects.toThrow(message);
  });

  it('an order in a circle is refused; one that names nobody is none', async () => {
    const behind = (name: string, other: string) =>
      bare(name, { hooks: { preClone: { after: other, handler: () => {} } } });
    await expect(run([behind('a', 'b'), behind('b', 'a')])).rejects.toThrow('"before" and "after" lead in a circle');
    expect((await run([behind('a', 'nobody')])).status).toBe(0);
  });
});
