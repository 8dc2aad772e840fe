import { beforeAll, expect } from 'vitest';
import { skipUnless } from '../../support/skip.js';
import { FailureBench } from './support.js';

const { describe, it } = skipUnless('root', 'overlay', 'busybox');
const MOUNTS = { unshare: ['--mount'] };

describe('what storage stumbles over is explained by a look at the host', () => {
  const bench = new FailureBench();
  beforeAll(() => bench.prepare());

  /** A file system at $DIR/store, and containers in it. */
  const inStore = (options: string, flags = '') =>
    `mkdir -p $DIR/store; mount -t tmpfs -o ${options} none $DIR/store; in_store() { $NODE -- $CLI --root $DIR/store/root --runroot $DIR/store/run run --rm --network=none ${flags} "$@"; }`;

  it('a store on an overlay', async () => {
    const script =
      'mkdir -p $DIR/o && mount -t tmpfs none $DIR/o && mkdir $DIR/o/l $DIR/o/u $DIR/o/w $DIR/o/m && mount -t overlay -o lowerdir=$DIR/o/l,upperdir=$DIR/o/u,workdir=$DIR/o/w none $DIR/o/m; $NODE -- $CLI --root $DIR/o/m/root --runroot $DIR/run run --rm --network=none --storage=overlay $IMAGE true';
    await bench.fails(
      script,
      {
        id: 'overlay-on-overlay',
        why: /is on overlay, which cannot hold an overlay's upper directory/,
        fix: /--root, or use --storage=copy/,
        status: 125,
      },
      MOUNTS,
    );
  });

  it('an image that lies on one overlay too many', async () => {
    const script = `
      mkdir -p $DIR/deep && mount -t tmpfs none $DIR/deep && cd $DIR/deep && mkdir u1 w1 one u2 w2 two
      mount -t overlay -o lowerdir=$IMAGE,upperdir=$DIR/deep/u1,workdir=$DIR/deep/w1 none $DIR/deep/one
      mount -t overlay -o lowerdir=$DIR/deep/one,upperdir=$DIR/deep/u2,workdir=$DIR/deep/w2 none $DIR/deep/two
      run --storage=overlay $DIR/deep/two true`;
    await bench.fails(
      script,
      {
        id: 'overlay-too-deep',
        why: /\/deep\/two is on an overlay whose own layers are on an overlay, and the kernel stacks only two/,
        fix: /cp -a .*\/deep\/two/,
        status: 125,
      },
      MOUNTS,
    );
  });

  it('a container whose image has 501 layers', async () => {
    // No image source makes so many; the record of one that was made says so.
    const edit = `
      const { readFileSync, writeFileSync, readdirSync } = require('node:fs');
      const place = process.env.ROOT + '/containers/' + process.argv[1] + '/details.json';
      const details = JSON.parse(readFileSync(place, 'utf8'));
      details.image.layers = Array.from({ length: 501 }, () => process.env.IMAGE);
      writeFileSync(place, JSON.stringify(details));`;
    const script = `id=$($TSBOX create --network=none --storage=overlay $IMAGE true); $NODE -e "${edit}" $id; $TSBOX start $id || { status=$?; $TSBOX rm $id >/dev/null; exit $status; }`;
    await bench.fails(script, {
      id: 'too-many-layers',
      why: /it has 501, and overlay takes 1 to 500/,
      fix: /--storage=copy/,
      status: 1,
    });
  });

  it('a mount table that is full', async () => {
    // Each recursive bind doubles what is below it, until the kernel refuses: fs.mount-max.
    const script = `
      mkdir -p $DIR/full && mount -t tmpfs none $DIR/full && mount --make-private $DIR/full
      mkdir $DIR/full/a && mount -t tmpfs none $DIR/full/a
      i=0; while mkdir -p $DIR/full/b$i && mount --rbind $DIR/full $DIR/full/b$i 2>/dev/null; do i=$((i+1)); done
      i=0; while mkdir -p $DIR/full/c$i && mount --rbind $DIR/full/b10 $DIR/full/c$i 2>/dev/null; do i=$((i+1)); done
      i=0; while mkdir -p $DIR/full/d$i && mount --bind $DIR/full/a $DIR/full/d$i 2>/dev/null; do i=$((i+1)); done
      run $IMAGE true`;
    await bench.fails(
      script,
      {
        id: 'mount-table-full',
        why: /the mount table is full: \d+ mounts, of the \d+ that fs\.mount-max allows/,
        fix: /sysctl -w fs\.mount-max/,
        status: 125,
      },
      MOUNTS,
    );
  });

  it('devices of the host on a mount with nodev', async () => {
    const script =
      'mkdir $DIR/dev; mount -t tmpfs -o mode=755 none $DIR/dev; cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty $DIR/dev; mkdir $DIR/dev/pts $DIR/dev/shm; mount -o remount,nodev $DIR/dev; mount --bind $DIR/dev /dev; run $IMAGE true </proc/version';
    await bench.fails(
      script,
      {
        id: 'nodev-devices',
        why: /\/dev\/null is on \/dev, which is mounted nodev/,
        fix: /mount -o remount,dev \/dev/,
        status: 125,
      },
      MOUNTS,
    );
  });

  it('a store without space', async () => {
    await bench.fails(
      `${inStore('size=256k', '--storage=copy')}; in_store $IMAGE true`,
      {
        id: 'no-space',
        why: /No space left on device|no space is left|full/i,
        fix: /df -h|prune|make room/,
        status: 125,
      },
      MOUNTS,
    );
  });

  it('a store without inodes', async () => {
    await bench.fails(
      `${inStore('nr_inodes=20', '--storage=copy')}; in_store $IMAGE true`,
      {
        id: 'no-inodes',
        why: /no inode is left|has room for bytes, but not for another file/,
        fix: /df -i|remove some files/,
        status: 125,
      },
      MOUNTS,
    );
  });

  const { it: itBtrfs } = skipUnless('root', 'overlay', 'busybox', 'btrfs');

  itBtrfs('a disk quota that is used up', async () => {
    const script = `
      mkdir $DIR/quota; truncate -s 200M $DIR/disk; mkfs.btrfs -q $DIR/disk 2>/dev/null; mount -o loop $DIR/disk $DIR/quota; rm $DIR/disk
      btrfs quota enable $DIR/quota; btrfs qgroup limit 600k $DIR/quota
      $NODE -- $CLI --root $DIR/quota/root --runroot $DIR/run run --rm --network=none --storage=copy $IMAGE true`;
    await bench.fails(script, { id: 'disk-quota', why: /quota/i, fix: /quota|prune/, status: 125 }, MOUNTS);
  });

  it('a runroot that is read-only', async () => {
    const script =
      'mkdir $DIR/ro; mount -t tmpfs -o ro none $DIR/ro; $NODE -- $CLI --root $DIR/root --runroot $DIR/ro run --rm --network=none $IMAGE true';
    await bench.fails(
      script,
      {
        id: 'read-only-store',
        why: /its file system is read-only/,
        fix: /mount it for writing|remount,rw/,
        status: 125,
      },
      MOUNTS,
    );
  });

  it('a mount that keeps a container from being removed', async () => {
    const script = `
      id=$($TSBOX create --network=none --storage=copy $IMAGE true)
      mount -t tmpfs none $ROOT/containers/$id/rootfs/tmp
      $TSBOX rm $id || { status=$?; umount $ROOT/containers/$id/rootfs/tmp; $TSBOX rm -f $id >/dev/null; exit $status; }`;
    await bench.fails(
      script,
      { id: 'busy-mount', why: /\/rootfs\/tmp is a mount point \(tmpfs\)/, fix: /umount .*\/rootfs\/tmp/, status: 1 },
      MOUNTS,
    );
  });

  it('leaves nothing of them', async () => {
    const { stdout } = await bench.shell('$TSBOX ps -aq');
    expect(stdout).toBe('');
  });
});
