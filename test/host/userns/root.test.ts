import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { CLI, runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { mappedRoot } from './mapped-root.js';

const { describe, it: test } = skipUnless('root', 'overlay', 'busybox');

describe('a container of root in a user namespace', () => {
  const { state, image, run, left } = mappedRoot();

  test('has ids that no other one has, and gives them back', async () => {
    const script = 'cat /proc/self/uid_map; sleep 0.5';
    const results = await Promise.all(Array.from({ length: 8 }, () => run('--userns=auto', image, 'sh', '-c', script)));
    const maps = results.map(({ stdout }) => stdout.trim().split(/ +/).map(Number));
    const starts = maps.map((map) => map[1] as number).sort((a, b) => a - b);
    for (const map of maps) expect([map[0], map[2]]).toEqual([0, 65536]);
    for (const [index, start] of starts.slice(1).entries())
      expect(start - (starts[index] as number)).toBeGreaterThanOrEqual(65536);
    expect(left()).toEqual([]);
  });

  test('has the range that was asked for', async () => {
    const { stdout } = await run(
      '--userns=100000:200000:2000',
      image,
      'cat',
      '/proc/self/uid_map',
      '/proc/self/gid_map',
    );
    expect(stdout.replaceAll(/ +/g, ' ')).toBe(' 0 100000 2000\n 0 200000 2000\n');
  });

  test.each(['overlay', 'copy'])('sees the owners of the image as they are, and makes files (%s)', async (storage) => {
    const script = `
      stat -c %u:%g / /root/file /home/alice/file
      echo more >> /root/file && touch /root/new && chown 7:8 /root/new && stat -c %u:%g /root/new
      rm /home/alice/file && mkdir /etc/d && stat -c %u:%g /etc/d`;
    const result = await run('--userns=auto', `--storage=${storage}`, image, 'sh', '-c', script);
    expect(result).toEqual({ status: 0, stdout: '0:0\n0:0\n1000:1000\n7:8\n0:0\n', stderr: '' });
    expect(statSync(join(image, 'root/file')).uid).toBe(0);
    expect(readFileSync(join(image, 'root/file'), 'utf8')).toBe("root's\n");
  });

  test('keeps files on disk with the ids that they have inside', async () => {
    const result = await runCli([
      ...state.flags,
      'run',
      '--network=none',
      '--userns=auto',
      image,
      'sh',
      '-c',
      'touch /a && chown 7:8 /a',
    ]);
    expect(result.status).toBe(0);
    const [id] = readdirSync(join(state.root, 'containers'));
    const made = statSync(join(state.root, 'containers', id as string, 'upper/a'));
    expect([made.uid, made.gid]).toEqual([7, 8]);
  });

  test('shows an owner outside the range as nobody, and cannot change the file', async () => {
    const result = await run(
      '--userns=100000:100000:2000',
      image,
      'sh',
      '-c',
      'stat -c %u /var/far; echo x >> /var/far',
    );
    expect(result.stdout).toBe('65534\n');
    expect(result.status).not.toBe(0);
  });

  test("sees nothing of the host's tree", async () => {
    const script = 'cat /proc/self/mountinfo; stat -c %d:%i / /.. /dev/.. /proc/..; ls /proc/self/fd';
    const { stdout } = await run('--userns=auto', image, 'sh', '-c', script);
    const mounts = stdout.split('\n').filter((line) => line.includes(' - '));
    const [first, ...places] = mounts.map((line) => line.split(' ')[4] as string);
    expect(first).toBe('/');
    expect(
      places.filter((place) => !/^\/(proc|sys|dev|run|etc\/(hosts|hostname|resolv.conf))(\/|$)/.test(place)),
    ).toEqual([]);
    expect(new Set(stdout.split('\n').filter((line) => /^\d+:\d+$/.test(line))).size).toBe(1);
    expect(stdout.trim().split('\n').slice(-4)).toEqual(['0', '1', '2', '3']);
  });

  test('runs the machine itself', async () => {
    const result = await run(
      '--userns=auto',
      'host',
      'sh',
      '-c',
      'id -u; touch /etc/x && stat -c %u:%g /etc/x /etc/passwd',
    );
    expect(result).toEqual({ status: 0, stdout: '0\n0:0\n0:0\n', stderr: '' });
  });

  test('runs as another user', async () => {
    const result = await run(
      '--userns=auto',
      '-u',
      'alice',
      image,
      'sh',
      '-c',
      'id -u; cat ~/file; cat /root/file; touch ~/new',
    );
    expect(result.stdout).toContain('1000\nhers\n');
  });

  test('has a terminal, and devices', async () => {
    const script =
      'tty; for d in null zero full random urandom tty; do head -c0 /dev/$d && test -c /dev/$d || echo no $d; done';
    const args = [...state.flags, 'run', '--rm', '-it', '--network=none', '--userns=auto', image, 'sh', '-c', script];
    const { stdout } = await runCli(args, { pty: true });
    expect(stdout).toContain('/dev/pts/0\r\n');
    expect(stdout).not.toContain('no ');
  });

  test('shares namespaces of the host', async () => {
    expect((await run('--userns=auto', '--pid=host', image, 'sh', '-c', 'head -1 /proc/1/status')).status).toBe(0);
    expect((await run('--userns=auto', '--ipc=host', '--uts=host', '--cgroupns=host', image, 'id', '-u')).stdout).toBe(
      '0\n',
    );
    const { stdout } = await runCli([
      ...state.flags,
      'run',
      '--rm',
      '--network=host',
      '--userns=auto',
      image,
      'ls',
      '/sys/class/net',
    ]);
    expect(stdout).toContain('lo\n');
  });

  test('is refused a user that is not mapped, before anything is done', async () => {
    const result = await run('--userns=100000:100000:500', '-u', 'alice', image, 'true');
    expect(result).toMatchObject({ status: 125, stderr: expect.stringContaining('cannot run as uid 1000') });
  });

  test('is refused where the file system cannot map owners', async () => {
    const result = await run('--userns=auto', '/sys/kernel', '/true');
    expect(result).toMatchObject({ status: 125, stderr: expect.stringContaining('--userns=host') });
  });

  test('is told which switch forbids user namespaces', () => {
    const script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"';
    const command = [
      process.execPath,
      CLI,
      ...state.flags,
      'run',
      '--rm',
      '--network=none',
      '--userns=auto',
      image,
      'true',
    ];
    // The switch of a namespace of its own, not the host's.
    const result = spawnSync('unshare', ['--user', '--map-root-user', 'sh', '-c', script, 'sh', ...command]);
    expect(result.status).toBe(125);
    expect(String(result.stderr)).toContain('user.max_user_namespaces is 0');
    expect(String(result.stderr)).toContain('fix: sysctl -w user.max_user_namespaces');
  });
});
