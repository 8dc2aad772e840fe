import { describeStorageDriver } from 'tsbox/testing';
import example from '../../../examples/storage-squash/index.js';
import { LoopDisk } from '../../support/loop-disk.js';
import { expectPreparedOnce } from '../../support/prepared-image.js';
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
  it('prepares an image once, and keeps what each container wrote', () =>
    expectPreparedOnce('squash', disk.newDirectory()));
});
