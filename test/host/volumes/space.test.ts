import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { beforeAll, expect } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { runCli, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox');
const { directory, root, flags } = tempRoot();

const tree = `${directory}/image`;
const tar = `${directory}/image.tar`;
beforeAll(() => {
  busyboxImage(tree);
  execFileSync('tar', ['-C', tree, '-cf', tar, '.']);
});

const tsbox = (...args: string[]) => runCli([...flags, ...args]);
const done = (stdout: string) => ({ status: 0, stdout, stderr: '' });
const cache = () => (existsSync(`${root}/images/.tar`) ? readdirSync(`${root}/images/.tar`) : []);

async function usage(): Promise<Record<string, { total: number; active: number; bytes: number; reclaimable: number }>> {
  const lines = JSON.parse((await tsbox('system', 'df', '--format', 'json')).stdout);
  return Object.fromEntries(lines.map(({ type, ...rest }: { type: string }) => [type, rest]));
}

describe('system df', () => {
  it('has docker’s table, also with nothing in it', async () => {
    const { status, stdout } = await tsbox('system', 'df');
    expect(status).toBe(0);
    expect(stdout).toBe(
      'TYPE            TOTAL     ACTIVE    SIZE      RECLAIMABLE\n' +
        'Images          0         0         0B        0B\n' +
        'Containers      0         0         0B        0B\n' +
        'Local Volumes   0         0         0B        0B\n' +
        'Tar Cache       0         0         0B        0B\n',
    );
  });

  it('counts bytes: hard links once, links not followed, while a container runs', async () => {
    await tsbox('volume', 'create', 'data');
    const data = `${root}/volumes/data/data`;
    writeFileSync(`${data}/file`, Buffer.alloc(3000));
    linkSync(`${data}/file`, `${data}/same`);
    symlinkSync('/', `${data}/root`);
    mkdirSync(`${data}/loop`);
    symlinkSync('..', `${data}/loop/up`);
    const child = startCli([
      ...flags,
      ...['run', '--name=up', '--network=none', '-v', 'data:/data', tar],
      ...['sh', '-c', 'dd if=/dev/zero of=/written bs=5000 count=1 2>/dev/null; echo up; sleep 600'],
    ]);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const found = await usage();
    // The links' own targets are bytes too: "/" and "..".
    expect(found['Local Volumes']).toEqual({ total: 1, active: 1, bytes: 3003, reclaimable: 0 });
    expect(found.Containers).toMatchObject({ total: 1, active: 1, reclaimable: 0 });
    expect(found.Containers?.bytes).toBeGreaterThanOrEqual(5000);
    expect(found.Containers?.bytes).toBeLessThan(7000);
    expect(found['Tar Cache']).toMatchObject({ total: 1, active: 1, reclaimable: 0 });
    const verbose = (await tsbox('system', 'df', '-v')).stdout;
    expect(verbose).toMatch(/^data +1 +3\.003kB$/m);
    expect(verbose).toContain(tar);
    // Nothing of it is in the way, and nothing that is used goes.
    expect(await tsbox('system', 'prune', '-a', '--volumes', '-f')).toEqual(done('Total reclaimed space: 0B\n'));
    await tsbox('rm', '-f', 'up');
    await new Promise((resolve) => (child.exitCode === null ? child.once('close', resolve) : resolve(0)));
    expect((await usage())['Local Volumes']).toMatchObject({ active: 0, reclaimable: 3003 });
    await tsbox('volume', 'rm', 'data');
  });
});

describe('prune', () => {
  it('of images removes what was unpacked of a file that changed, and with -a what nothing uses', async () => {
    await tsbox('run', '--rm', '--network=none', tar, 'true');
    expect(cache()).toHaveLength(1);
    expect(await tsbox('image', 'prune', '-f')).toEqual(done('Total reclaimed space: 0B\n'));
    appendFileSync(tar, Buffer.alloc(1024));
    await tsbox('run', '--name=kept', '--network=none', tar, 'true');
    expect(cache()).toHaveLength(2);
    expect((await tsbox('image', 'prune', '-f')).stdout).toMatch(
      /^Deleted Images:\n.*image\.tar\n\nTotal reclaimed space: .*MB\n$/,
    );
    expect((await tsbox('image', 'prune', '-a', '-f')).stdout).toBe('Total reclaimed space: 0B\n');
    expect(cache()).toHaveLength(1);
    expect(await tsbox('start', '-a', 'kept')).toEqual(done(''));
    await tsbox('rm', 'kept');
    await tsbox('image', 'prune', '-a', '-f');
    expect(cache()).toEqual([]);
  });

  it('of containers removes those that do not run, and tells how much that was', async () => {
    const script = 'dd if=/dev/zero of=/written bs=1000 count=5 2>/dev/null';
    await tsbox('run', '--name=ended', '--label=keep=no', '--network=none', tree, 'sh', '-c', script);
    await tsbox('run', '--name=labelled', '--label=keep=yes', '--network=none', tree, 'true');
    const child = startCli([...flags, 'run', '--name=up', '--network=none', tree, 'sh', '-c', 'echo up; sleep 600']);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    const pruned = await tsbox('container', 'prune', '-f', '--filter', 'label!=keep=yes');
    expect(pruned.stdout).toMatch(/^Deleted Containers:\n[0-9a-f]{64}\n\nTotal reclaimed space: 5kB\n$/);
    expect((await tsbox('ps', '-a', '--format', '{{.Names}}')).stdout.split('\n').sort()).toEqual([
      '',
      'labelled',
      'up',
    ]);
    await tsbox('rm', '-f', 'up');
    await new Promise((resolve) => (child.exitCode === null ? child.once('close', resolve) : resolve(0)));
    await tsbox('container', 'prune', '-f');
    expect(readdirSync(`${root}/containers`)).toEqual([]);
  });

  it('of the system asks, or needs --force', async () => {
    const refused = await tsbox('system', 'prune');
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('ERR_TSBOX_USAGE');
    const asked = await runCli([...flags, 'system', 'prune', '-a', '--volumes'], { pty: true, input: 'n\n' });
    expect(asked.stdout).toContain('Are you sure you want to continue? [y/N]');
    expect(asked.stdout).not.toContain('reclaimed');
  });
});

describe('image rm', () => {
  it('refuses an image that a container is made of, unless it is forced', async () => {
    await tsbox('image', 'from-host', 'made', '/bin/true');
    await tsbox('run', '--name=user', '--network=none', 'made', '/bin/true');
    const refused = await tsbox('image', 'rm', 'made');
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toMatch(/container user is made of it\n(.*\n)*.*ERR_TSBOX_IN_USE/);
    expect(await tsbox('start', '-a', 'user')).toEqual(done(''));
    expect((await tsbox('system', 'prune', '-a', '-f')).stdout).toContain('Deleted Containers:');
    // It was the last that used it.
    expect((await tsbox('image', 'ls', '--format', '{{.Repository}}')).stdout).toBe('');
    await tsbox('image', 'from-host', 'made', '/bin/true');
    await tsbox('run', '--name=user', '--network=none', 'made', '/bin/true');
    expect(await tsbox('image', 'rm', '-f', 'made')).toEqual(done('made\n'));
    await tsbox('rm', 'user');
  });
});

describe('container', () => {
  it('exists says so by its status, and ls is ps', async () => {
    await tsbox('run', '--name=one', '--network=none', tree, 'true');
    expect(await tsbox('container', 'exists', 'one')).toEqual(done(''));
    expect(await tsbox('container', 'exists', 'two')).toEqual({ status: 1, stdout: '', stderr: '' });
    expect((await tsbox('container', 'ls', '-a', '--format', '{{.Names}}')).stdout).toBe('one\n');
    expect(await tsbox('container', 'rm', 'one')).toEqual(done('one\n'));
  });
});
