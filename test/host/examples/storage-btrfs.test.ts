import { describeStorageDriver } from 'tsbox/testing';
import example from '../../../examples/storage-btrfs/index.js';
import { LoopDisk } from '../../support/loop-disk.js';
import { expectPreparedOnce } from '../../support/prepared-image.js';
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
  it('prepares an image once, and keeps what each container wrote', () =>
    expectPreparedOnce('btrfs', disk.newDirectory()));
});
