import { readdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
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
const image = `${directory}/image`;
beforeAll(() => void busyboxImage(image, { 'etc/hosts': '', 'etc/hostname': '', 'etc/resolv.conf': '' }));

/** Shows the image itself, read-only: the smallest storage driver there can be. */
class ViewDriver implements StorageDriver {
  readonly capabilities = { layers: false, unprivileged: false, clone: 'constant-time' } as const;
  check = () => WORKS;
  async prepare(launch: Launch): Promise<void> {
    launch.rootfs = (await launch.directories('view')).view;
  }
  record(child: ChildProgram, launch: Launch): void {
    child.rootfs(child.openTree(launch.image.layers[0] as string, { readOnly: true }));
  }
}

async function run(plugin: PluginDefinition, options: Partial<BoxOptions & CreateOptions> = {}) {
  await using engine = await createEngine({ root, runroot, network: 'none', plugins: [plugin] });
  const box = await engine.run({ image, command: ['true'], ...options });
  return await box.result();
}

/** A failing launch leaves no container, no name, no journal. */
function expectNothingLeft(): void {
  expect([
    ...readdirSync(`${root}/containers`),
    ...readdirSync(`${root}/names`),
    ...readdirSync(`${runroot}/journal`),
  ]).toEqual([]);
}

describe('a plugin from outside', () => {
  afterAll(expectNothingLeft);

  it('brings a storage driver, which is chosen by name', async () => {
    const plugin = definePlugin({
      name: 'view',
      apiVersion: 1,
      drivers: { storage: { view: () => new ViewDriver() } },
    });
    const command = ['sh', '-c', 'ls /bin/busybox; touch /file'];
    const { stdout, stderr, status } = await run(plugin, { storage: 'view', command });
    expect([stdout, status]).toEqual(['/bin/busybox\n', 1]);
    expect(stderr).toContain('Read-only file system');
  });

  it('whose driver declares no limits is given none to drop', async () => {
    const measuring = { capabilities: { limits: [] }, check: () => WORKS };
    const plugin = definePlugin({
      name: 'measure',
      apiVersion: 1,
      drivers: { resources: { measure: () => measuring } },
    });
    await expect(run(plugin, { resources: 'measure', memory: '64m' })).rejects.toMatchObject({
      code: 'ERR_TSBOX_NOT_ENFORCEABLE',
      message: 'cannot enforce --memory: the resources driver "measure" does not enforce it',
    });
    expectNothingLeft();
    expect((await run(plugin, { resources: 'measure' })).status).toBe(0);
  });

  it('binds a file of the host after the mounts', async () => {
    writeFileSync(`${directory}/corp.pem`, 'certificate\n');
    const plugin = definePlugin({
      name: 'corporate-ca',
      apiVersion: 1,
      hooks: {
        childSetup: {
          after: 'mounts',
          handler: ({ child }) =>
            child.bind(`${directory}/corp.pem`, '/etc/ssl/certs/corp.pem', { readOnly: true, kind: 'file' }),
        },
      },
    });
    const { stdout } = await run(plugin, { command: ['cat', '/etc/ssl/certs/corp.pem'] });
    expect(stdout).toBe('certificate\n');
  });

  it('observes start and end', async () => {
    const log: string[] = [];
    const plugin = definePlugin({
      name: 'audit',
      apiVersion: 1,
      hooks: {
        postStart: ({ launch }) => void log.push(`start ${launch.pid > 1}`),
        postStop: ({ status }) => void log.push(`end ${status.exitCode}`),
      },
    });
    await run(plugin, { command: ['sh', '-c', 'exit 4'] });
    expect(log).toEqual(['start true', 'end 4']);
  });

  for (const hook of ['prepareRootfs', 'preClone', 'childSetup', 'preExec', 'postClone', 'postStart'] as const) {
    it(`that throws in ${hook} is named, and the launch is undone`, async () => {
      const undone: string[] = [];
      const plugin = definePlugin({
        name: 'bad',
        apiVersion: 1,
        undo: { note: (args) => void undone.push(String(args.text)) },
        hooks: {
          preClone: async ({ launch }) => {
            await launch.step({
              action: 'note',
              target: 'x',
              undo: { kind: 'note', args: { text: 'taken back' } },
              run: () => {},
            });
            if (hook === 'preClone') throw new Error('no luck');
          },
          ...(hook !== 'preClone' && {
            [hook]: () => {
              throw new Error('no luck');
            },
          }),
        },
      });
      await expect(run(plugin)).rejects.toMatchObject({
        code: 'ERR_TSBOX_PLUGIN',
        message: `plugin "bad" failed in hook ${hook}: no luck`,
        undoErrors: [],
      });
      expect(undone).toEqual(hook === 'prepareRootfs' ? [] : ['taken back']);
      expectNothingLeft();
    });
  }

  it('whose op fails is named, with the call, the errno and the hint', async () => {
    const plugin = definePlugin({
      name: 'odd-mount',
      apiVersion: 1,
      hooks: { childSetup: ({ child }) => void child.fsopen('no-such-fs', 'use a file system that the kernel has') },
    });
    await expect(run(plugin)).rejects.toMatchObject({
      code: 'ERR_TSBOX_OP_FAILED',
      what: 'odd-mount could not set up the container',
      why: expect.stringMatching(/^fsopen no-such-fs .*ENODEV/),
      fixes: ['use a file system that the kernel has'],
    });
    expectNothingLeft();
  });

  it('whose undo fails does not hide the first error', async () => {
    const plugin = definePlugin({
      name: 'stubborn',
      apiVersion: 1,
      undo: {
        stay: () => {
          throw new Error('will not go');
        },
      },
      hooks: {
        preClone: async ({ launch }) => {
          await launch.step({ action: 'stay', target: 'x', undo: { kind: 'stay', args: {} }, run: () => {} });
          throw new Error('first');
        },
      },
    });
    const error = await run(plugin).then(
      () => undefined,
      (reason) => reason,
    );
    expect(error.message).toBe('plugin "stubborn" failed in hook preClone: first');
    expect(error.undoErrors.map((undo: Error) => (undo.cause as Error).message)).toEqual([
      'plugin "stubborn" failed in undo of "stay": will not go',
    ]);
    // What could not be undone stays in the journal, for an engine whose plugin can.
    const cured = definePlugin({ name: 'stubborn', apiVersion: 1, undo: { stay: () => {} } });
    const journals = readdirSync(`${runroot}/journal`).filter((file) => file.endsWith('.jsonl'));
    expect(journals).toHaveLength(1);
    await using engine = await createEngine({ root, runroot, plugins: [cured] });
    // Its owner lives, and has given it up: whoever can takes it back.
    expect((await engine.gc()).cleaned).toHaveLength(1);
    expect(readdirSync(`${runroot}/journal`)).toEqual([]);
  });

  it('of another API version is refused with the version it needs', async () => {
    const plugin = definePlugin({ name: 'future', apiVersion: 2, hooks: {} });
    await expect(run(plugin)).rejects.toThrow('it is written for plugin API ^2; this tsbox has 1.0.0');
  });
});
