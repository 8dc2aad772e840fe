import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { containers } from '../../support/container.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'overlay', 'busybox');
const state = tempRoot();
const image = join(state.directory, 'image');
const run = containers(state, image);

beforeAll(() => void busyboxImage(image));

/** Mount points with type and options, the last mount on each. */
function table(mounts: string): Map<string, { type: string; options: string[] }> {
  return new Map(
    mounts
      .trim()
      .split('\n')
      .map((text) => {
        const [, target = '', type = '', options = ''] = text.split(' ');
        return [target, { type, options: options.split(',') }];
      }),
  );
}

describe('what a container sees', () => {
  it('is mounted with the flags that make it harmless', async () => {
    const { stdout, status, stderr } = await run([], 'cat /proc/mounts');
    expect([status, stderr]).toEqual([0, '']);
    const mounts = table(stdout);
    const harmless = ['nosuid', 'nodev', 'noexec'];
    expect(mounts.get('/proc')).toMatchObject({ type: 'proc', options: expect.arrayContaining(['rw', ...harmless]) });
    expect(mounts.get('/sys')).toMatchObject({ type: 'sysfs', options: expect.arrayContaining(['ro', ...harmless]) });
    expect(mounts.get('/dev')).toMatchObject({
      type: 'tmpfs',
      options: expect.arrayContaining(['rw', 'nosuid', 'size=64k', 'mode=755']),
    });
    expect(mounts.get('/dev/pts')).toMatchObject({
      type: 'devpts',
      options: expect.arrayContaining(['gid=5', 'mode=620', 'ptmxmode=666']),
    });
    expect(mounts.get('/dev/shm')).toMatchObject({
      type: 'tmpfs',
      options: expect.arrayContaining(['size=65536k', ...harmless]),
    });
    expect(mounts.get('/dev/mqueue')?.type).toBe('mqueue');
    for (const path of ['/proc/sys', '/proc/bus', '/proc/irq', '/proc/fs']) {
      expect(mounts.get(path)).toMatchObject({ type: 'proc', options: expect.arrayContaining(['ro', ...harmless]) });
    }
  });

  it('of the machine is nothing but the rootfs', async () => {
    const { stdout } = await run([], 'cat /proc/self/mountinfo | cut -d" " -f5; ls -a /proc/1/root | wc -l; ls /..');
    expect(stdout).not.toContain(state.directory);
    expect(stdout.split('\n').at(-2)).toBe('var');
  });

  it('of /dev is the short list, and its devices work', async () => {
    const script =
      'ls /dev; stat -c "%n %t:%T %a" /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty; head -c 4 /dev/zero | wc -c; echo x >/dev/null; echo x 2>/dev/full >/dev/full || echo full';
    const { stdout } = await run([], script);
    const found = stdout.split('\n');
    expect(found.slice(0, 14)).toEqual([
      'fd',
      'full',
      'mqueue',
      'null',
      'ptmx',
      'pts',
      'random',
      'shm',
      'stderr',
      'stdin',
      'stdout',
      'tty',
      'urandom',
      'zero',
    ]);
    expect(found.slice(14, 20)).toEqual([
      '/dev/null 1:3 666',
      '/dev/zero 1:5 666',
      '/dev/full 1:7 666',
      '/dev/random 1:8 666',
      '/dev/urandom 1:9 666',
      '/dev/tty 5:0 666',
    ]);
    expect(found.slice(20)).toEqual(['4', 'full', '']);
  });

  it('of /proc is masked where it tells about the machine', async () => {
    const { stdout } = await run(
      [],
      'cat /proc/timer_list /proc/keys /proc/interrupts | wc -c; ls /proc/acpi /sys/firmware 2>/dev/null | grep -v :; echo end',
    );
    expect(stdout.split('\n').filter((text) => text !== '')).toEqual(['0', 'end']);
    expect(readFileSync('/proc/interrupts', 'utf8').length).toBeGreaterThan(0);
  });

  it('of /proc and /sys cannot be written where it belongs to the machine', async () => {
    const script =
      'for f in /proc/sys/kernel/core_pattern /proc/sys/vm/swappiness /proc/sysrq-trigger /sys/kernel/mm/ksm/run; do [ -e $f ] && { echo x >$f; } 2>&1; done; mkdir /sys/fs/cgroup/x 2>&1; true';
    const { stdout } = await run([], script);
    const refused = stdout.trim().split('\n');
    expect(refused.length).toBeGreaterThanOrEqual(4);
    for (const text of refused) expect(text).toContain('Read-only file system');
  });

  it('of its cgroups starts at its own, read-only', async () => {
    const { stdout } = await run(
      [],
      'cut -d: -f3 /proc/self/cgroup | sort -u; grep cgroup /proc/mounts | cut -d" " -f4 | cut -d, -f1 | sort -u',
    );
    expect(stdout).toBe('/\nro\n');
  });

  it('does not change with what is mounted inside', async () => {
    const before = readFileSync('/proc/self/mountinfo', 'utf8');
    const { stdout } = await run(
      ['--cap-add=SYS_ADMIN'],
      'mount -t tmpfs inside /tmp && grep -c "^inside /tmp" /proc/mounts; sleep 0.2',
    );
    expect(stdout).toBe('1\n');
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(before);
  });

  it('has its own message queues and shared memory unless the host is asked for', async () => {
    const own = await run(
      ['--shm-size=8m'],
      'df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2; ls -A /dev/shm | wc -l',
    );
    expect(own.stdout).toBe('8192\n0\n');
    const host = await run(['--ipc=host'], 'grep " /dev/shm " /proc/mounts');
    const hosts =
      readFileSync('/proc/mounts', 'utf8')
        .split('\n')
        .findLast((text) => text.split(' ')[1] === '/dev/shm') ?? '';
    expect(host.stdout).toContain(
      hosts
        .split(' ')[3]
        ?.split(',')
        .find((option) => option.startsWith('size=')) ?? 'rw',
    );
  });

  it('is everything with --privileged', async () => {
    const { stdout } = await run(
      ['--privileged'],
      'grep " /sys " /proc/mounts | cut -d" " -f4 | cut -c1-2; head -1 /proc/timer_list; ls /dev | wc -l',
    );
    const [sys, timers, devices] = stdout.split('\n');
    expect([sys, timers]).toEqual(['rw', expect.stringContaining('Timer List')]);
    expect(Number(devices)).toBeGreaterThan(14);
  });
});

describe('with a terminal', () => {
  it('the container has a pty of its own devpts as console and standard streams', async () => {
    const { stdout } = await run(
      ['-t'],
      'tty; stat -c %t:%T /dev/console; for fd in 0 1 2; do readlink /proc/$$/fd/$fd; done; echo hello >/dev/tty; ls -1 /dev/pts',
      { input: '' },
    );
    const found = stdout.replaceAll('\r', '').trim().split('\n');
    expect(found).toEqual(['/dev/pts/0', '88:0', '/dev/pts/0', '/dev/pts/0', '/dev/pts/0', 'hello', '0', 'ptmx']);
  });

  it('belongs to the user', async () => {
    const { stdout } = await run(['-t', '-u', 'alice'], 'stat -c %u:%g /dev/pts/0; echo ok >/dev/stdout');
    expect(stdout.replaceAll('\r', '')).toBe('1000:5\nok\n');
  });
});
