import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { createEngine } from '../../../core/index.js';
import { definePlugin, HOST, STATE_PATHS } from '../../../core/plugin/index.js';
import { OverlayDriver } from '../../../plugins/storage-overlay/overlay-driver.js';
import { skipUnless } from '../../support/skip.js';
import { mappedRoot } from './mapped-root.js';

const { describe, it: test } = skipUnless('root', 'overlay', 'busybox');

describe('trees of a container of root in a user namespace', () => {
  const { state, image, run } = mappedRoot();

  describe('and what is bound from the host', () => {
    const shared = join(state.directory, 'closed', 'shared');
    const file = join(shared, 'file');

    beforeAll(() => {
      mkdirSync(shared, { recursive: true });
      chmodSync(join(state.directory, 'closed'), 0o700);
      writeFileSync(file, 'text\n', { mode: 0o644 });
      chmodSync(shared, 0o777);
    });

    test('is found where root of the container could not walk to', async () => {
      const result = await run(
        '--userns=auto',
        '-v',
        `${shared}:/mnt`,
        '-v',
        `${file}:/file`,
        image,
        'cat',
        '/mnt/file',
        '/file',
      );
      expect(result).toEqual({ status: 0, stdout: 'text\ntext\n', stderr: '' });
    });

    test("stays the host's: root of the container is not its root", async () => {
      const script = 'stat -c %u /mnt/file; echo x >> /mnt/file; rm -f /mnt/file2; touch /mnt/made';
      const result = await run('--userns=100000:100000:2000', '-v', `${shared}:/mnt`, image, 'sh', '-c', script);
      expect(result.stdout).toBe('65534\n');
      expect(readFileSync(file, 'utf8')).toBe('text\n');
      expect(statSync(join(shared, 'made')).uid).toBe(100000);
    });

    test("is not reached with the layers' owners when it is a layer, too", async () => {
      const script = 'stat -c %u /mnt/root /mnt/root/file /self/file; echo x >> /mnt/root/file; echo x >> /self/file';
      const binds = ['-v', `${image}:/mnt`, '-v', `${join(image, 'root')}:/self`];
      const result = await run('--userns=auto', ...binds, image, 'sh', '-c', script);
      expect(result.stdout).toBe('65534\n65534\n65534\n');
      expect(readFileSync(join(image, 'root/file'), 'utf8')).toBe("root's\n");
    });
  });

  test('takes more trees than one message carries', async () => {
    const trees = Array.from({ length: 150 }, (_, index) => join(state.directory, `tree${index}`));
    for (const tree of trees) mkdirSync(tree);
    const plugin = definePlugin({
      name: 'many-trees',
      apiVersion: 1,
      hooks: {
        prepareRootfs: ({ launch }) => {
          for (const tree of trees) launch.trees.add(tree);
        },
      },
    });
    const { root, runroot } = state;
    await using engine = await createEngine({ root, runroot, network: 'none', userns: 'auto', plugins: [plugin] });
    await using box = await engine.run({ image, command: ['id', '-u'], stdio: ['ignore', 'pipe', 'pipe'] });
    expect(await box.result()).toMatchObject({ exitCode: 0, stdout: '0\n' });
  });

  test('has its layers on kernels before 6.8, too', async () => {
    const overlays: OverlayDriver[] = [];
    const plugin = definePlugin({
      name: 'older-overlay',
      apiVersion: 1,
      drivers: {
        storage: {
          'older-overlay': (container) => {
            const options = { layerPassing: 'descriptors' } as const;
            const overlay = new OverlayDriver(container.resolve(HOST), container.resolve(STATE_PATHS), options);
            overlays.push(overlay);
            const { capabilities } = overlay;
            return {
              capabilities,
              check: () => overlay.check(),
              prepare: (launch) => overlay.prepare(launch),
              record() {},
            };
          },
        },
      },
      hooks: {
        childSetup: { before: 'mounts', handler: ({ child, launch }) => overlays[0]?.record(child, launch) },
      },
    });
    const { root, runroot } = state;
    const defaults = { root, runroot, network: 'none', userns: 'auto', storage: 'older-overlay', plugins: [plugin] };
    await using engine = await createEngine(defaults);
    const command = ['sh', '-c', 'touch /new && stat -c %u /new /root/file'];
    await using box = await engine.run({ image, command, stdio: ['ignore', 'pipe', 'pipe'] });
    expect(await box.result()).toMatchObject({ exitCode: 0, stdout: '0\n0\n' });
  });
});
