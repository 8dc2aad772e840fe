import { describeStorageDriver } from 'tsbox/testing';
import { expect } from 'vitest';
import example from '../../../examples/storage-btrfs/index.js';
import { cliWith } from '../../support/example.js';
import { LoopDisk } from '../../support/loop-disk.js';
import { skipUnless } from '../../support/skip.js';

const disk = new LoopDisk('btrfs');

describeStorageDriver(example, {
  driver: 'btrfs',
  module: new URL('../../../examples/storage-btrfs/index.ts', import.meta.url),
  needs: ['btrfs'],
  directory: () => disk.newDirectory(),
});

const { describe, it } = skipUnless('root', 'busybox', 'btrfs');

describe('storage btrfs on the command line', () => {
  it('prepares an image once, and keeps what each container wrote', async () => {
    const { image, tsbox } = cliWith('storage-btrfs', disk.newDirectory(), { storage: 'btrfs' });
    const run = (...args: string[]) => tsbox('run', ...args, image, 'sh', '-c', 'echo more >> /lines; cat /lines');
    expect(await run('--name=box')).toMatchObject({ status: 0, stdout: 'more\n' });
    const plan = await tsbox('plan', image, 'true');
    expect(plan.stdout).not.toMatch(/storage-btrfs +(copy|pack) /);
    expect(await run('--rm')).toMatchObject({ status: 0, stdout: 'more\n' });
    expect(await tsbox('start', '-a', 'box')).toMatchObject({ stdout: 'more\nmore\n' });
    expect((await tsbox('diff', 'box')).stdout).toBe('A /lines\n');
    expect((await tsbox('export', 'box')).stdout).toContain('more\nmore\n');
    expect(await tsbox('commit', 'box', 'my/lines')).toMatchObject({ status: 0 });
    expect(await tsbox('rm', 'box')).toMatchObject({ status: 0 });
    expect(await tsbox('run', '--rm', 'my/lines', 'cat', '/lines')).toMatchObject({ stdout: 'more\nmore\n' });
  });
});
