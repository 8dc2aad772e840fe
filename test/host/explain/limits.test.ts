import { beforeAll, expect } from 'vitest';
import { skipUnless } from '../../support/skip.js';
import { FailureBench } from './support.js';

const { describe, it } = skipUnless('root', 'overlay', 'busybox', 'cgroup1');

describe('limits of tsbox itself and of the container', () => {
  const bench = new FailureBench();
  beforeAll(() => bench.prepare());

  /** A cgroup of the script's own, which is left before it is removed. */
  const inCgroup = (controller: string, file: string, value: string, command: string) => `
    group=/sys/fs/cgroup/${controller}/tsbox-explain-$$; mkdir $group; echo ${value} >$group/${file}
    (echo 0 >$group/cgroup.procs; ${command}) || status=$?
    rmdir $group; exit $status`;

  it.each([30, 48, 64])('at most %d open files', async (most) => {
    await bench.fails(`ulimit -n ${most}; run $IMAGE true`, {
      id: 'fd-limit',
      why: /too many open files|may have \d+ open files \(ulimit -n\), which is not enough/,
      fix: /ulimit -n 4096/,
      status: 125,
    });
  });

  it('pids.max of a cgroup around tsbox', async () => {
    const command =
      'for n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo $((n+8)) >$group/pids.max; run $IMAGE true 2>$DIR/said && exit 0; grep -q "pids-limit" $DIR/said && break; done; cat $DIR/said >&2; exit 125';
    await bench.fails(inCgroup('pids', 'pids.max', 'max', command), {
      id: 'pids-limit',
      why: /pids\.max allows \d+ processes, and there are \d+/,
      fix: /pids\.max/,
      status: 125,
    });
  });

  it('a memory limit that is too small for the set-up', async () => {
    const { stderr, status } = await bench.shell('run --memory=6m --storage=copy --tmpfs /x $IMAGE true');
    expect([stderr, status]).toEqual(['', 0]);
  });

  it('exec into a container with as many processes as it may have', async () => {
    const script =
      '$TSBOX run -d --name full --network=none --pids-limit=1 $IMAGE sleep 60 >/dev/null; $TSBOX exec full true || { status=$?; $TSBOX rm -f full >/dev/null; exit $status; }';
    await bench.fails(script, {
      id: 'exec-pids-limit',
      why: /as many as its --pids-limit of 1 allows/,
      fix: /tsbox update --pids-limit=3/,
      status: 125,
    });
  });

  it('vm.memfd_noexec=2, which each pid namespace has of its own', async () => {
    await bench.fails(
      'echo 2 >/proc/sys/vm/memfd_noexec; run $IMAGE true',
      {
        id: 'memfd-noexec',
        why: /vm\.memfd_noexec=2.*memfd_create: EACCES/,
        fix: /sysctl -w vm\.memfd_noexec=1/,
        status: 125,
      },
      { unshare: ['--pid', '--fork', '--kill-child', '--mount', '--mount-proc'] },
    );
  });
});

describe('cgroups that are not as they should be', () => {
  const bench = new FailureBench();
  beforeAll(() => bench.prepare());
  const MOUNTS = { unshare: ['--mount'] };

  it('a missing controller', async () => {
    await bench.fails(
      'uncover; umount /sys/fs/cgroup/memory; run --memory=64m $IMAGE true',
      {
        id: 'cgroup-controller-missing',
        why: /the cgroup controller "memory" is not mounted/,
        fix: /mount -t cgroup -o memory none/,
        status: 125,
      },
      MOUNTS,
    );
  });

  it('a hierarchy that is read-only', async () => {
    await bench.fails(
      'mount -o remount,bind,ro /sys/fs/cgroup/pids; run --resources=cgroup-v1 $IMAGE true',
      { id: 'cgroup-read-only', why: /read-only|cannot be written/, fix: /option rw/, status: 125 },
      MOUNTS,
    );
  });

  it('no hierarchy at all', async () => {
    await bench.fails(
      'while umount -lR /sys/fs/cgroup 2>/dev/null; do :; done; run --resources=cgroup-v2 $IMAGE true',
      { id: 'cgroup-not-mounted', why: /no cgroup v2 hierarchy is mounted/, fix: /mount -t cgroup2/, status: 125 },
      MOUNTS,
    );
  });
});
