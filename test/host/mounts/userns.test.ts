import { chownSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { containers } from '../../support/container.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'userns', 'overlay', 'busybox');
const user = { uid: 65_534, gid: 65_534 };
const state = tempRoot(user);
const image = join(state.directory, 'image');
const run: ReturnType<typeof containers> = (flags, script, options = {}) =>
  containers(state, image)(flags, script, { user, cwd: '/', ...options });

beforeAll(() => {
  busyboxImage(image);
  for (const name of ['', ...readdirSync(image, { recursive: true, encoding: 'utf8' })]) {
    if (!name.startsWith('bin/')) chownSync(join(image, name), user.uid, user.gid);
  }
});

describe('a container of an ordinary user', () => {
  it("has the host's devices bound, a pty of its own, and files that it can read", async () => {
    const script =
      'stat -c "%n %t:%T" /dev/null /dev/zero /dev/tty; head -c 2 /dev/urandom | wc -c; echo x >/dev/null; tty; cat /etc/hosts >/dev/null && echo hosts';
    const { stdout, status } = await run(['-t'], script);
    expect(stdout.replaceAll('\r', '').trim().split('\n')).toEqual([
      '/dev/null 1:3',
      '/dev/zero 1:5',
      '/dev/tty 5:0',
      '2',
      '/dev/pts/0',
      'hosts',
    ]);
    expect(status).toBe(0);
  });

  it('sees the same parts of the machine masked and read-only', async () => {
    const script =
      'cat /proc/timer_list /proc/keys | wc -c; ls -A /sys/firmware /proc/acpi | grep -v : | grep -v "^$"; echo x >/proc/sys/vm/swappiness; umount /proc/sys || echo still there';
    const { stdout, stderr } = await run([], script);
    expect(stdout).toBe('0\nstill there\n');
    expect(stderr).toContain('Read-only file system');
  });

  it("has the host's /sys, read-only, on the host's network", async () => {
    const { stdout } = await run(['--network=host'], 'ls /sys/class/net | wc -l; mkdir /sys/fs/cgroup/x || echo no');
    expect(Number(stdout.split('\n')[0])).toBeGreaterThan(0);
    expect(stdout.split('\n')[1]).toBe('no');
  });

  it('can be read-only, with what it mounts writable', async () => {
    const source = join(state.directory, 'data');
    mkdirSync(source);
    chownSync(source, user.uid, user.gid);
    const { stdout } = await run(
      ['--read-only', '-v', `${source}:/data`, '--tmpfs=/tmp'],
      'touch /x || echo no; touch /data/x /tmp/x && echo yes',
    );
    expect(stdout).toBe('no\nyes\n');
    expect(readdirSync(source)).toEqual(['x']);
  });

  it('that takes everything has all of its own namespace and nothing of the machine', async () => {
    const { stdout, stderr } = await run(
      ['--privileged'],
      'grep -c . /proc/mounts >/dev/null; mount -t tmpfs x /tmp && echo mounted; mknod /tmp/d b 8 0 || echo no device',
    );
    expect(stdout).toBe('mounted\nno device\n');
    expect(stderr).toContain('not permitted');
  });
});
