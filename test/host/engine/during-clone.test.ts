import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { type BoxOptions, createEngine, type LibraryEngine } from '../../../core/index.js';
import { definePlugin, type Launch, type PluginDefinition } from '../../../core/plugin/index.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox', 'overlay', 'nft');
const { directory, root, runroot } = tempRoot();
const image = `${directory}/image`;
const file = `${directory}/file`;
beforeAll(() => void busyboxImage(image));
beforeEach(() => writeFileSync(file, 'before\n'));

function expectNothingLeft(): void {
  const links = readdirSync('/sys/class/net').filter((name) => /^tsb[^0v]/.test(name));
  const left = [`${root}/containers`, `${root}/names`, `${runroot}/journal`].flatMap((path) => readdirSync(path));
  expect([...left, ...links]).toEqual([]);
}
afterEach(expectNothingLeft);

const open = (network: string, ...plugins: PluginDefinition[]) => createEngine({ root, runroot, network, plugins });
const command = ['cat', '/in'];
const volume = [`${file}:/in`];

describe('work that a plugin leaves until the child is being cloned', () => {
  let log: string[] = [];
  beforeEach(() => {
    log = [];
  });

  /** Writes what the container reads, slowly. */
  const worker = (more: PluginDefinition['hooks'] = {}) =>
    definePlugin({
      name: 'worker',
      apiVersion: 1,
      hooks: {
        preClone: ({ launch }) => {
          log.push('preClone');
          const write = (text: string) =>
            launch.step({ action: 'note', target: text, run: () => writeFileSync(file, `${text}\n`) });
          launch.duringClone(async () => {
            await sleep(30);
            await write('first');
            log.push('first');
          });
          launch.duringClone(async () => {
            await write('second');
            log.push('second');
          });
        },
        ...more,
      },
    });

  it.each(['none', 'bridge'])('is done in its order before the command runs, with network %s', async (network) => {
    await using engine = await open(network, worker({ postStart: () => void log.push('postStart') }));
    for (let i = 0; i < 3; i++) {
      log = [];
      writeFileSync(file, 'before\n');
      const box = await engine.run({ image, command, volume });
      expect(log).toEqual(['preClone', 'first', 'second', 'postStart']);
      expect(await box.result()).toMatchObject({ stdout: 'second\n', status: 0 });
    }
  });

  it.each(['none', 'bridge'])('is done before postClone, with network %s', async (network) => {
    await using engine = await open(network, worker({ postClone: () => void log.push('postClone') }));
    for (let i = 0; i < 3; i++) {
      log = [];
      const box = await engine.run({ image, command, volume });
      expect(log).toEqual(['preClone', 'first', 'second', 'postClone']);
      expect((await box.result()).stdout).toBe('second\n');
    }
  });

  it('is done for a container that outlives its engine', async () => {
    await using engine = await open('none', worker());
    const box = await engine.runDetached({ image, command, volume });
    expect(log).toEqual(['preClone', 'first', 'second']);
    await box.wait();
    let text = '';
    for await (const line of box.logs()) text += String(line.text);
    expect(text).toBe('second\n');
    await box.remove();
  });

  it.each([
    ['none', {}],
    ['bridge', {}],
    ['bridge', { postClone: () => void log.push('postClone') }],
  ])('that fails is the error of the launch, which is undone: %s %j', async (network, more) => {
    const marker = `${directory}/marker`;
    let fails = false;
    const failing = definePlugin({
      name: 'failing',
      apiVersion: 1,
      undo: { unmark: ({ path }) => rmSync(String(path), { force: true }) },
      hooks: {
        preClone: ({ launch }) => {
          launch.duringClone(async () => {
            await turn();
            await launch.step({
              action: 'mark',
              target: marker,
              undo: { kind: 'unmark', args: { path: marker } },
              run: () => writeFileSync(marker, ''),
            });
            if (fails) throw new Error('no file today');
          });
        },
        postStart: () => void log.push('postStart'),
        ...more,
      },
    });
    await using engine = await open(network, failing);
    for (const is of [true, false, false, true, true]) {
      fails = is;
      log = [];
      const launch = engine.run({ image, command, volume });
      if (!fails) expect((await (await launch).result()).stdout).toBe('before\n');
      else {
        await expect(launch).rejects.toMatchObject({
          code: 'ERR_TSBOX_PLUGIN',
          message: 'plugin "failing" failed in its work during the clone: no file today',
          undoErrors: [],
        });
        expect(log).toEqual([]);
      }
      expect(existsSync(marker)).toBe(false);
      expectNothingLeft();
    }
  });

  it('that does not end is named', async () => {
    const hooks = { preClone: ({ launch }: { launch: Launch }) => launch.duringClone(() => new Promise(() => {})) };
    const idle = definePlugin({ name: 'idle', apiVersion: 1, hooks });
    await using engine = await createEngine({ root, runroot, network: 'none', plugins: [idle], hookTimeout: 100 });
    for (let i = 0; i < 2; i++)
      await expect(engine.run({ image, command })).rejects.toThrow(
        'plugin "idle" did not finish its work during the clone',
      );
  });

  it('may leave more, and is refused where it would not be done', async () => {
    await using engine = await open(
      'none',
      definePlugin({
        name: 'nested',
        apiVersion: 1,
        hooks: {
          preClone: ({ launch }) => launch.duringClone(() => launch.duringClone(() => void log.push('inner'))),
        },
      }),
    );
    await (await engine.run({ image, command: ['true'] })).wait();
    expect(log).toEqual(['inner']);
    for (const hook of ['childSetup', 'postClone', 'postStart'] as const) {
      const hooks = { [hook]: ({ launch }: { launch: Launch }) => launch.duringClone(() => {}) };
      await using other = await open('none', definePlugin({ name: 'late', apiVersion: 1, hooks }));
      await expect(other.run({ image, command: ['true'] })).rejects.toThrow(
        `plugin "late" failed in hook ${hook}: duringClone is for prepareRootfs and preClone`,
      );
    }
  });

  it('is listed in a plan, and not done', async () => {
    await using engine = await open('none', worker());
    const { entries } = await engine.plan({ image, command, volume });
    const own = entries.filter(({ plugin }) => plugin === 'worker').map(({ action, target }) => `${action} ${target}`);
    expect(own).toEqual(['note first', 'note second']);
    expect(readFileSync(file, 'utf8')).toBe('before\n');
  });
});

describe('a container on a bridge', () => {
  const barriers = async (engine: LibraryEngine, more: Partial<BoxOptions> = {}) => {
    const { entries } = await engine.plan({ image, command: ['true'], network: 'bridge', ...more });
    return entries.flatMap(({ action, note, plugin }) => (action === 'barrier' ? `${plugin}: ${note}` : []));
  };
  const other = (hooks: NonNullable<PluginDefinition['hooks']>) =>
    definePlugin({ name: 'other', apiVersion: 1, hooks });

  it('waits twice, and once where a plugin does something to the child as well', async () => {
    await using engine = await open('bridge', other({ preClone: () => {}, postStart: () => {} }));
    expect(await barriers(engine)).toHaveLength(2);
    await using busy = await open('bridge', other({ postClone: () => {} }));
    expect(await barriers(busy)).toHaveLength(1);
    expect(await barriers(engine, { secrets: { token: file } })).toHaveLength(1);
    expect(await barriers(engine, { network: 'none' })).toHaveLength(1);
  });

  const script = 'ip -4 addr show eth0; ip route; ip link show eth0';
  const looksRight = (text: string) => {
    expect(text).toMatch(/inet 10\.\d+\.\d+\.\d+\/\d+/);
    expect(text).toMatch(/default via 10\.\d+\.\d+\.\d+ dev eth0/);
    expect(text).toMatch(/eth0.*<.*\bUP\b.*>/);
  };
  const look = async (engine: LibraryEngine) => {
    const box = await engine.run({ image, command: ['sh', '-c', script] });
    const { stdout, undoErrors } = await box.result();
    expect(undoErrors).toEqual([]);
    looksRight(stdout);
    return /inet (\S+)\//.exec(stdout)?.[1];
  };

  it('has address and route when its command starts, each time', async () => {
    await using engine = await open('bridge');
    for (let i = 0; i < 30; i++) await look(engine);
  });

  it('that fails while it is being connected says why itself', async () => {
    const upper = other({ preClone: ({ launch }) => rmSync(`${launch.paths.container}/upper`, { recursive: true }) });
    await using engine = await open('bridge', upper);
    for (let i = 0; i < 10; i++)
      await expect(engine.run({ image, command: ['true'] })).rejects.toMatchObject({
        message: expect.stringContaining('storage-overlay could not set up the container'),
        undoErrors: [],
      });
  });

  it('has them where nothing is kept: with a plugin that records, and with one that has postClone', async () => {
    for (const hooks of [{ childSetup: () => {} }, { postClone: () => {} }]) {
      await using engine = await open('bridge', other(hooks));
      for (let i = 0; i < 3; i++) await look(engine);
    }
  });

  it('has them while the machine is busy, each its own', async () => {
    await using engine = await open('bridge');
    const spin = ['sh', '-c', 'while :; do :; done'];
    const spinning = await Promise.all([1, 2, 3].map(() => engine.run({ image, command: spin, network: 'none' })));
    try {
      for (let round = 0; round < 3; round++) {
        const addresses = await Promise.all(Array.from({ length: 10 }, () => look(engine)));
        expect(addresses).not.toContain(undefined);
      }
    } finally {
      for (const box of spinning) box.kill();
      await Promise.all(spinning.map((box) => box.wait()));
    }
  });
});
