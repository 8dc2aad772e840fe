import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { createEngine } from '../../../core/index.js';
import { definePlugin, HOST, STATE_PATHS } from '../../../core/plugin/index.js';
import { OverlayDriver } from '../../../plugins/storage-overlay/overlay-driver.js';
import { busyboxImage } from '../../support/image.js';
import { CLI, type CliResult, runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it: test } = skipUnless('root', 'overlay', 'busybox');

describe('a container of root in a user namespace', () => {
  const state = tempRoot();
  const image = join(state.directory, 'image');
  const run = (...args: string[]): Promise<CliResult> =>
    runCli([...state.flags, 'run', '--rm', '--network=none', ...args]);
  const left = () => [...readdirSync(join(state.root, 'containers')), ...readdirSync(join(state.runroot, 'userns'))];

  beforeAll(() => {
    busyboxImage(image, { 'home/alice/file': 'hers\n', 'root/file': "root's\n", 'var/far': 'far\n' });
    chownSync(join(image, 'home/alice/file'), 1000, 1000);
    chownSync(join(image, 'var/far'), 5000, 5000);
    // Nobody but root of the host can walk to what is in the store.
    chmodSync(state.directory, 0o700);
  });

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

  describe('and what is bound from the host', () => {
    const shared = join(state.directory, 'closed', 'shared');
    const file = join(shared, 'file');

    beforeAll(() => {
      mkdirSync(shared, { recursive: true });
      chmodSync(join(state.directory, 'closed'), 0o700);
      writeFileSync(file, 'text\n', { mode: 0o644 });
      chmodSync(shared, 0o777);
    });

    test('is found where root of the container could not walk to', async () => {
      const result = await run(
        '--userns=auto',
        '-v',
        `${shared}:/mnt`,
        '-v',
        `${file}:/file`,
        image,
        'cat',
        '/mnt/file',
        '/file',
      );
      expect(result).toEqual({ status: 0, stdout: 'text\ntext\n', stderr: '' });
    });

    test("stays the host's: root of the container is not its root", async () => {
      const script = 'stat -c %u /mnt/file; echo x >> /mnt/file; rm -f /mnt/file2; touch /mnt/made';
      const result = await run('--userns=100000:100000:2000', '-v', `${shared}:/mnt`, image, 'sh', '-c', script);
      expect(result.stdout).toBe('65534\n');
      expect(readFileSync(file, 'utf8')).toBe('text\n');
      expect(statSync(join(shared, 'made')).uid).toBe(100000);
    });

    test("is not reached with the layers' owners when it is a layer, too", async () => {
      const script = 'stat -c %u /mnt/root /mnt/root/file /self/file; echo x >> /mnt/root/file; echo x >> /self/file';
      const binds = ['-v', `${image}:/mnt`, '-v', `${join(image, 'root')}:/self`];
      const result = await run('--userns=auto', ...binds, image, 'sh', '-c', script);
      expect(result.stdout).toBe('65534\n65534\n65534\n');
      expect(readFileSync(join(image, 'root/file'), 'utf8')).toBe("root's\n");
    });
  });

  test('takes more trees than one message carries', async () => {
    const trees = Array.from({ length: 150 }, (_, index) => join(state.directory, `tree${index}`));
    for (const tree of trees) mkdirSync(tree);
    const plugin = definePlugin({
      name: 'many-trees',
      apiVersion: 1,
      hooks: {
        prepareRootfs: ({ launch }) => {
          for (const tree of trees) launch.trees.add(tree);
        },
      },
    });
    const { root, runroot } = state;
    await using engine = await createEngine({ root, runroot, network: 'none', userns: 'auto', plugins: [plugin] });
    await using box = await engine.run({ image, command: ['id', '-u'], stdio: ['ignore', 'pipe', 'pipe'] });
    expect(await box.result()).toMatchObject({ exitCode: 0, stdout: '0\n' });
  });

  test('has its layers on kernels before 6.8, too', async () => {
    const overlays: OverlayDriver[] = [];
    const plugin = definePlugin({
      name: 'older-overlay',
      apiVersion: 1,
      drivers: {
        storage: {
          'older-overlay': (container) => {
            const options = { layerPassing: 'descriptors' } as const;
            const overlay = new OverlayDriver(container.resolve(HOST), container.resolve(STATE_PATHS), options);
            overlays.push(overlay);
            const { capabilities } = overlay;
            return {
              capabilities,
              check: () => overlay.check(),
              prepare: (launch) => overlay.prepare(launch),
              record() {},
            };
          },
        },
      },
      hooks: {
        childSetup: { before: 'mounts', handler: ({ child, launch }) => overlays[0]?.record(child, launch) },
      },
    });
    const { root, runroot } = state;
    const defaults = { root, runroot, network: 'none', userns: 'auto', storage: 'older-overlay', plugins: [plugin] };
    await using engine = await createEngine(defaults);
    const command = ['sh', '-c', 'touch /new && stat -c %u /new /root/file'];
    await using box = await engine.run({ image, command, stdio: ['ignore', 'pipe', 'pipe'] });
    expect(await box.result()).toMatchObject({ exitCode: 0, stdout: '0\n0\n' });
  });
});
