import { describeStorageDriver } from 'tsbox/testing';
import { expect } from 'vitest';
import example from '../../../examples/storage-tmpfs/index.js';
import { cliWith } from '../../support/example.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

describeStorageDriver(example, {
  driver: 'tmpfs',
  module: new URL('../../../examples/storage-tmpfs/index.ts', import.meta.url),
  needs: ['overlay'],
});

const { describe, it } = skipUnless('root', 'overlay', 'busybox');

describe('storage tmpfs on the command line', () => {
  it('keeps what a container wrote until it is removed, and says when its tmpfs is full', async () => {
    const { image, tsbox } = cliWith('storage-tmpfs', tempDirectory(), { driverOptions: { tmpfs: { size: '1m' } } });
    const script = 'echo more >> /lines; head -c 2m /dev/zero > /large';
    const first = await tsbox('run', '--name=box', '--storage=tmpfs', image, 'busybox', 'sh', '-c', script);
    expect(first.stderr).toMatch(/the container's tmpfs of 1024 KiB is full/);
    expect((await tsbox('diff', 'box')).stdout).toBe('A /large\nA /lines\n');
    await tsbox('start', '-a', 'box');
    expect((await tsbox('export', 'box')).stdout).toContain('more\nmore\n');
    expect(await tsbox('commit', 'box', 'my/lines')).toMatchObject({ status: 0 });
    expect(await tsbox('rm', 'box')).toMatchObject({ status: 0 });
    expect(await tsbox('run', '--rm', 'my/lines', 'cat', '/lines')).toMatchObject({ stdout: 'more\nmore\n' });
  });

  it('refuses a size that is none, before anything is made', async () => {
    const { image, tsbox } = cliWith('storage-tmpfs', tempDirectory(), { driverOptions: { tmpfs: { size: 'much' } } });
    const { status, stderr } = await tsbox('run', '--rm', '--storage=tmpfs', image, 'true');
    expect({ status, stderr }).toEqual({ status: 125, stderr: expect.stringContaining('size') });
  });
});
