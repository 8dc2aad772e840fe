import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';
import { FailureBench } from './support.js';

const { describe, it } = skipUnless('root', 'userns', 'overlay', 'busybox', 'uidmap', 'cc');
const user = { uid: 4331, gid: 4331 };
const NAME = 'tsboxexplain';

describe('user namespaces that are refused, or have too few ids', () => {
  const bench = new FailureBench(user);
  const refuse = join(tempDirectory(), 'refuse');

  beforeAll(() => {
    bench.prepare();
    execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, bench.state.directory]);
    execFileSync('groupadd', ['-g', String(user.gid), NAME]);
    execFileSync('useradd', ['-M', '-u', String(user.uid), '-g', String(user.gid), NAME], { stdio: 'ignore' });
    execFileSync('gcc', ['-O', '-o', refuse, join(import.meta.dirname, 'refuse.c')]);
  });
  afterAll(() => {
    execFileSync('userdel', [NAME], { stdio: 'ignore' });
  });

  const AS_USER = `exec setpriv --reuid ${user.uid} --regid ${user.gid} --clear-groups $TSBOX run --rm --network=none`;
  const ROOT = { user: { uid: 0, gid: 0 } };
  const MOUNTS = { ...ROOT, unshare: ['--mount'] };

  it('user.max_user_namespaces=0, which each user namespace has of its own', async () => {
    const script = 'echo 0 >/proc/sys/user/max_user_namespaces; run --userns=0:0:1 $IMAGE true';
    await bench.fails(
      script,
      {
        id: 'userns-max-zero',
        why: /user\.max_user_namespaces is 0/,
        fix: /sysctl -w user\.max_user_namespaces=15000/,
        status: 125,
      },
      { unshare: ['--user', '--map-root-user', '--mount', '--pid', '--fork', '--mount-proc'] },
    );
  });

  it('as many user namespaces as are allowed: the kernel says ENOSPC', async () => {
    const script =
      'echo 1 >/proc/sys/user/max_user_namespaces; unshare --user sleep 60 & sleep 0.5; run --userns=0:0:1 --pid=host $IMAGE true; ';
    await bench.fails(
      script,
      {
        id: 'namespace-limit',
        why: /limit of \/proc\/sys\/user is reached.*ENOSPC/,
        fix: /sysctl user shows the limits/,
        status: 125,
      },
      { unshare: ['--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'] },
    );
  });

  /** This kernel has none of these files: a copy of the directory, with the file that such a kernel would have. */
  const withSysctl = (name: string, value: string) => `
    mkdir $DIR/kernel && cp -r /proc/sys/kernel/random $DIR/kernel 2>/dev/null || true
    mount -t tmpfs none $DIR/kernel; mkdir $DIR/kernel/random
    cat /proc/sys/kernel/random/boot_id >$DIR/kernel/random/boot_id
    echo ${value} >$DIR/kernel/${name}; chmod 755 $DIR/kernel
    mount --bind $DIR/kernel /proc/sys/kernel`;

  it("kernel.unprivileged_userns_clone=0, of Debian's kernels (a file made up in a mount namespace)", async () => {
    await bench.fails(
      `${withSysctl('unprivileged_userns_clone', '0')}; ${AS_USER} $IMAGE true`,
      {
        id: 'userns-unprivileged-clone',
        why: /kernel\.unprivileged_userns_clone is 0/,
        fix: /sysctl -w kernel\.unprivileged_userns_clone=1/,
        status: 125,
      },
      MOUNTS,
    );
  });

  it("kernel.apparmor_restrict_unprivileged_userns=1, of Ubuntu's kernels (a file made up in a mount namespace)", async () => {
    await bench.fails(
      `${withSysctl('apparmor_restrict_unprivileged_userns', '1')}; ${AS_USER} $IMAGE true`,
      {
        id: 'userns-apparmor',
        why: /AppArmor takes all capabilities.*kernel\.apparmor_restrict_unprivileged_userns is 1/,
        fix: /sysctl -w kernel\.apparmor_restrict_unprivileged_userns=0/,
        status: 125,
      },
      MOUNTS,
    );
  });

  it("a seccomp filter that refuses clone3, as docker's does", async () => {
    await bench.fails(`exec ${refuse} clone3 ENOSYS $TSBOX run --rm --network=none $IMAGE true`, {
      id: 'userns-seccomp',
      why: /seccomp filter, as in docker, which refuses to make namespaces.*clone3: ENOSYS/,
      fix: /--security-opt seccomp=unconfined/,
      status: 125,
    });
  });

  it('a chroot', async () => {
    // A plain directory with the whole machine below it, piece by piece: as a mount point it would look like a root.
    const script = `
      mkdir $DIR/jail
      for path in /*; do
        if [ -L $path ]; then cp -P $path $DIR/jail/; elif [ -d $path ]; then mkdir $DIR/jail$path; mount --rbind $path $DIR/jail$path; fi
      done
      exec chroot --userspec=${user.uid}:${user.gid} $DIR/jail $TSBOX run --rm --network=none $IMAGE true`;
    await bench.fails(
      script,
      {
        id: 'userns-in-chroot',
        why: /root directory is not that of its mount namespace.*clone3: EPERM/,
        fix: /outside of the chroot/,
        status: 125,
      },
      MOUNTS,
    );
  });

  it('no line in /etc/subuid, where the command needs a second id', async () => {
    await bench.fails(
      `echo >$DIR/none; mount --bind $DIR/none /etc/subuid; ${AS_USER} -u 1000 $IMAGE true`,
      {
        id: 'subuid-missing',
        why: /only 0 exists in this container, because \/etc\/subuid has no ids for tsboxexplain/,
        fix: /usermod --add-subuids/,
        status: 125,
      },
      MOUNTS,
    );
  });

  it('no newuidmap, where there are subordinate ids', async () => {
    const lines = `echo ${NAME}:3000000:65536 >$DIR/ids; mount --bind $DIR/ids /etc/subuid; mount --bind $DIR/ids /etc/subgid`;
    await bench.fails(
      `${lines}; mount --bind /bin/true $(command -v newuidmap); ${AS_USER} -u 1000 $IMAGE true`,
      {
        id: 'uidmap-missing',
        why: /newuidmap is not installed with its privileges/,
        fix: /apt-get install uidmap/,
        status: 125,
      },
      MOUNTS,
    );
  });

  it('a driver that only root can use', async () => {
    await bench.fails('run --userns=host $IMAGE true', {
      id: 'needs-root',
      why: /only root can make the other namespaces/,
      fix: /--userns=auto/,
      status: 125,
    });
  });

  it('a kernel that is too old for what was asked (as uname says under a personality)', async () => {
    await bench.fails(
      'exec setarch --uname-2.6 $TSBOX run --rm --network=none --userns=auto $IMAGE true',
      { id: 'kernel-too-old', why: /came with Linux 5\.19/, fix: /--userns=host/, status: 125 },
      ROOT,
    );
  });
});
