import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { type CliResult, runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe: describeUser, it: test } = skipUnless('root', 'userns', 'overlay', 'busybox');

/** Neither an account nor subordinate ids: newuidmap would refuse it. */
const user = { uid: 4321, gid: 4321 };

describeUser('an ordinary user', () => {
  const state = tempRoot(user);
  const image = join(state.directory, 'image');
  const env = { HOME: state.directory, XDG_RUNTIME_DIR: undefined, XDG_DATA_HOME: undefined };
  const run = (...args: string[]): Promise<CliResult> =>
    runCli([...state.flags, 'run', '--rm', '--network=none', ...args], { user, env });

  beforeAll(() => {
    busyboxImage(image);
    execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, image]);
  });

  test('is root in a container of the machine itself, with overlay and without a setuid helper', async () => {
    expect(await run('host', 'id', '-u')).toEqual({ status: 0, stdout: '0\n', stderr: '' });
  });

  test('has one id, and setgroups is denied', async () => {
    const { stdout } = await run('host', 'cat', '/proc/self/uid_map', '/proc/self/gid_map', '/proc/self/setgroups');
    expect(stdout.replaceAll(/ +/g, ' ')).toBe(' 0 4321 1\n 0 4321 1\ndeny\n');
  });

  test('writes into its own view of the machine, and changes only what is its own', async () => {
    const result = await run('host', 'sh', '-c', 'touch /made /etc/made && ls /made; rm -r /usr/share/doc; exit 0');
    expect(result).toMatchObject({
      status: 0,
      stdout: '/made\n',
      stderr: expect.stringContaining('Permission denied'),
    });
    expect([...readdirSync('/'), ...readdirSync('/etc')]).not.toContain('made');
    expect(readdirSync('/usr/share')).toContain('doc');
  });

  test.each(['overlay', 'copy'])('runs an image with storage %s', async (storage) => {
    const script =
      'id -u; ls -ld /etc/passwd /dev/null | cut -c1-10; touch /x && cat /proc/mounts | cut -d" " -f2 | sort | head -1';
    const result = await run(`--storage=${storage}`, image, 'sh', '-c', script);
    expect(result).toEqual({ status: 0, stdout: '0\ncrw-rw-rw-\n-rw-r--r--\n/\n', stderr: '' });
  });

  test("leaves out groups that only the image's /etc/group lists", async () => {
    expect((await run(image, 'id', '-G')).stdout.split(' ')[0]?.trim()).toBe('0');
  });

  test.each(['-u 1000', '-u alice', '--group-add 10', '--userns=host', '--userns=100000:100000:65536'])(
    'is told that it cannot have %s',
    async (flags) => {
      const result = await run(...flags.split(' '), image, 'true');
      expect(result).toMatchObject({ status: 125, stdout: '', stderr: expect.stringMatching(/^tsbox: .*\n {2}fix: /) });
      expect(readdirSync(join(state.root, 'containers'))).toEqual([]);
    },
  );

  test('can name itself as the range', async () => {
    expect((await run('--userns=4321:4321:1', image, 'id', '-u')).stdout).toBe('0\n');
  });

  test('shares namespaces of the host as far as the kernel lets it', async () => {
    expect((await run('--pid=host', image, 'sh', '-c', 'head -1 /proc/1/status')).status).toBe(0);
    expect((await run('--ipc=host', '--uts=host', '--cgroupns=host', image, 'id', '-u')).stdout).toBe('0\n');
    const { stdout } = await runCli([...state.flags, 'run', '--rm', '--network=host', image, 'ls', '/sys/class/net'], {
      user,
      env,
    });
    expect(stdout).toContain('lo\n');
  });

  test('sees what it binds with its own eyes', async () => {
    const script = 'echo text > /mnt/file && ls -l /mnt/file | cut -d" " -f1; touch /hosts';
    const result = await run('-v', `${state.directory}:/mnt`, '-v', '/etc/hosts:/hosts', image, 'sh', '-c', script);
    expect(result.stdout).toBe('-rw-r--r--\n');
    expect(result.stderr).toContain('Permission denied');
    expect(readFileSync(join(state.directory, 'file'), 'utf8')).toBe('text\n');
  });

  test('gets a terminal', async () => {
    const result = await runCli([...state.flags, 'run', '--rm', '-it', '--network=none', image, 'tty'], {
      user,
      env,
      pty: true,
    });
    expect(result).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\/dev\/pts\/0\r\n/) });
  });
});

const { describe: describeIds, it: testIds } = skipUnless('root', 'userns', 'overlay', 'busybox', 'uidmap');

describeIds('an ordinary user with subordinate ids', () => {
  const account = { name: 'tsboxtest', uid: 4322, gid: 4322 };
  const state = tempRoot(account);
  const image = join(state.directory, 'image');
  const env = { HOME: state.directory, XDG_RUNTIME_DIR: undefined, XDG_DATA_HOME: undefined };
  const run = (...args: string[]): Promise<CliResult> =>
    runCli([...state.flags, 'run', '--rm', '--network=none', ...args], { user: account, env });

  beforeAll(() => {
    busyboxImage(image);
    execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, image]);
    execFileSync('groupadd', ['-g', String(account.gid), account.name]);
    execFileSync('useradd', ['-M', '-u', String(account.uid), '-g', String(account.gid), account.name], {
      stdio: 'ignore',
    });
    execFileSync('usermod', ['--add-subuids', '3000000-3065535', '--add-subgids', '4000000-4065535', account.name]);
  });
  afterAll(() => {
    execFileSync('userdel', [account.name], { stdio: 'ignore' });
  });

  testIds('is root inside and has them from 1 on', async () => {
    const { stdout } = await run(image, 'cat', '/proc/self/uid_map', '/proc/self/gid_map');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/ +/));
    expect(lines[0]).toEqual(['0', '4322', '1']);
    expect(lines).toContainEqual(expect.arrayContaining(['3000000', '65536']));
    expect(lines).toContainEqual(expect.arrayContaining(['4000000', '65536']));
  });

  testIds('runs as another user of the image', async () => {
    expect((await run('-u', 'alice', image, 'sh', '-c', 'id -u; id -G')).stdout).toBe('1000\n1000 10\n');
  });

  testIds.each(['overlay', 'copy'])('removes files that are not its own (%s)', async (storage) => {
    const script =
      'mkdir -p /var/d/e && touch /var/d/e/f && chown -R alice:alice /var/d && chmod 700 /var/d && ls -ld /var/d';
    const result = await run(`--storage=${storage}`, image, 'sh', '-c', script);
    expect(result).toMatchObject({ status: 0, stdout: expect.stringContaining('alice'), stderr: '' });
    expect(readdirSync(join(state.root, 'containers'))).toEqual([]);
  });
});
