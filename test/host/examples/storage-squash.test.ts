import { describeStorageDriver } from 'tsbox/testing';
import { expect } from 'vitest';
import example from '../../../examples/storage-squash/index.js';
import { cliWith } from '../../support/example.js';
import { LoopDisk } from '../../support/loop-disk.js';
import { skipUnless } from '../../support/skip.js';

const disk = new LoopDisk('ext4');

describeStorageDriver(example, {
  driver: 'squash',
  module: new URL('../../../examples/storage-squash/index.ts', import.meta.url),
  needs: ['overlay', 'erofs'],
  // In erofs all blocks of a file count, and Debian's mkfs.erofs 1.5 cuts the longest names off.
  lacks: ['holes', 'names of 255 bytes'],
  // erofs cannot be mounted from files of a tmpfs, which /tmp may be.
  directory: () => disk.newDirectory(),
});

const { describe, it } = skipUnless('root', 'busybox', 'erofs');

describe('storage squash on the command line', () => {
  it('prepares an image once, and keeps what each container wrote', async () => {
    const { image, tsbox } = cliWith('storage-squash', disk.newDirectory(), { storage: 'squash' });
    const run = (...args: string[]) => tsbox('run', ...args, image, 'sh', '-c', 'echo more >> /lines; cat /lines');
    expect(await run('--name=box')).toMatchObject({ status: 0, stdout: 'more\n' });
    const plan = await tsbox('plan', image, 'true');
    expect(plan.stdout).not.toMatch(/storage-squash +(copy|pack) /);
    expect(await run('--rm')).toMatchObject({ status: 0, stdout: 'more\n' });
    expect(await tsbox('start', '-a', 'box')).toMatchObject({ stdout: 'more\nmore\n' });
    expect((await tsbox('diff', 'box')).stdout).toBe('A /lines\n');
    expect((await tsbox('export', 'box')).stdout).toContain('more\nmore\n');
    expect(await tsbox('commit', 'box', 'my/lines')).toMatchObject({ status: 0 });
    expect(await tsbox('rm', 'box')).toMatchObject({ status: 0 });
    expect(await tsbox('run', '--rm', 'my/lines', 'cat', '/lines')).toMatchObject({ stdout: 'more\nmore\n' });
  });
});
