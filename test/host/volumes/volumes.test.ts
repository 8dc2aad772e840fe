import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { beforeAll, expect } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { runCli, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox', 'attr');
const { directory, root, runroot, flags } = tempRoot();

const image = `${directory}/image`;
beforeAll(() => {
  busyboxImage(image);
  mkdirSync(`${image}/srv/sub`, { recursive: true });
  writeFileSync(`${image}/srv/file`, 'from the image');
  chmodSync(`${image}/srv/file`, 0o640);
  symlinkSync('/etc/passwd', `${image}/srv/outside`);
  symlinkSync('/srv', `${image}/link`);
  execFileSync('setfattr', ['-n', 'user.kept', '-v', 'yes', `${image}/srv/file`]);
  execFileSync('chown', ['1000:1000', `${image}/srv`, `${image}/srv/file`]);
  chmodSync(`${image}/srv`, 0o2750);
});

const tsbox = (...args: string[]) => runCli([...flags, ...args]);
const run = (options: readonly string[], script: string) =>
  tsbox('run', '--network=none', ...options, image, 'sh', '-c', script);
const done = (stdout: string) => ({ status: 0, stdout, stderr: '' });

function volumes(): string[] {
  return existsSync(`${root}/volumes`) ? readdirSync(`${root}/volumes`) : [];
}

async function clean(): Promise<void> {
  await tsbox('container', 'prune', '-f');
  await tsbox('volume', 'prune', '-a', '-f');
  expect(volumes()).toEqual([]);
  for (const place of [`${root}/containers`, `${root}/names`, `${runroot}/journal`]) {
    expect(existsSync(place) ? readdirSync(place) : []).toEqual([]);
  }
}

describe('volume', () => {
  it('create, ls, inspect and rm speak docker', async () => {
    expect(await tsbox('volume', 'create', '--label', 'tier=db', 'data')).toEqual(done('data\n'));
    expect(await tsbox('volume', 'create', 'data')).toEqual(done('data\n'));
    const anonymous = (await tsbox('volume', 'create')).stdout.trim();
    expect(anonymous).toMatch(/^[0-9a-f]{64}$/);
    const listed = await tsbox('volume', 'ls');
    expect(listed.stdout.split('\n')[0]).toBe('DRIVER    VOLUME NAME');
    expect(listed.stdout).toContain('local     data\n');
    expect(await tsbox('volume', 'ls', '-q', '--filter', 'label=tier=db')).toEqual(done('data\n'));
    expect(await tsbox('volume', 'ls', '--filter', 'name=dat', '--format', '{{.Name}} {{.Label "tier"}}')).toEqual(
      done('data db\n'),
    );
    const [inspected] = JSON.parse((await tsbox('volume', 'inspect', 'data')).stdout);
    expect(inspected).toEqual({
      CreatedAt: expect.stringMatching(/^20\d\d-/),
      Driver: 'local',
      Labels: { tier: 'db' },
      Mountpoint: `${root}/volumes/data/data`,
      Name: 'data',
      Options: {},
      Scope: 'local',
    });
    expect(await tsbox('volume', 'inspect', '--format', '{{.Mountpoint}}', 'data')).toEqual(
      done(`${root}/volumes/data/data\n`),
    );
    expect((await tsbox('volume', 'create', '../up')).stderr).toContain('ERR_TSBOX_INVALID_SPEC');
    const removed = await tsbox('volume', 'rm', 'data', 'nosuch', anonymous);
    expect(removed).toMatchObject({ status: 1, stdout: `data\n${anonymous}\n` });
    expect(removed.stderr).toContain('ERR_TSBOX_NO_SUCH_VOLUME');
    expect(await tsbox('volume', 'rm', '-f', 'nosuch')).toEqual(done('nosuch\n'));
    await clean();
  });

  it('is not removed while a container has it, running or not', async () => {
    await run(['--name=ended', '-v', 'data:/data'], 'echo mine > /data/file');
    const used = await tsbox('volume', 'rm', 'data');
    expect(used).toMatchObject({ status: 1, stdout: '' });
    expect(used.stderr).toMatch(/container ended has it\n(.*\n)*.*ERR_TSBOX_IN_USE/);
    expect(await tsbox('volume', 'prune', '-a', '-f')).toEqual(done('Total reclaimed space: 0B\n'));
    await tsbox('rm', '-v', 'ended');
    // One that was given a name is not the container's own.
    expect(volumes()).toEqual(['data']);
    const pruned = await tsbox('volume', 'prune', '-a', '-f');
    expect(pruned).toEqual(done('Deleted Volumes:\ndata\n\nTotal reclaimed space: 5B\n'));
  });

  it('is nothing that prune takes without a terminal or --force', async () => {
    await tsbox('volume', 'create');
    const refused = await tsbox('volume', 'prune');
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('add --force (-f)');
    expect(volumes()).toHaveLength(1);
    await clean();
  });
});

describe('a container with a volume', () => {
  it('shares it with others, and keeps it when it is removed', async () => {
    expect(await run(['--rm', '-v', 'data:/a'], 'echo one > /a/file')).toEqual(done(''));
    const mount = 'type=volume,source=data,target=/b,readonly';
    const read = await run(['--rm', '--mount', mount], 'cat /b/file; touch /b/no');
    expect(read).toMatchObject({ status: 1, stdout: 'one\n' });
    expect(read.stderr).toContain('Read-only file system');
    await clean();
  });

  it('finds in a new one what the image has there, with owners, modes, links and attributes', async () => {
    await run(['--rm', '-v', 'data:/srv'], 'true');
    const data = `${root}/volumes/data/data`;
    expect(readFileSync(`${data}/file`, 'utf8')).toBe('from the image');
    expect(lstatSync(`${data}/file`)).toMatchObject({ uid: 1000, gid: 1000, mode: 0o100640 });
    expect(lstatSync(data)).toMatchObject({ uid: 1000, gid: 1000, mode: 0o42750 });
    expect(lstatSync(`${data}/outside`).isSymbolicLink()).toBe(true);
    const attributes = execFileSync('getfattr', ['--only-values', '-n', 'user.kept', `${data}/file`]);
    expect(attributes.toString()).toBe('yes');
    // What is there is taken as it is.
    await run(['--rm', '-v', 'data:/srv'], 'rm -r /srv/*; echo own > /srv/own');
    expect(await run(['--rm', '-v', 'data:/srv'], 'ls /srv')).toEqual(done('own\n'));
    await clean();
  });

  it('finds that through a link of the image too, and nothing where it asks for that', async () => {
    expect(await run(['--rm', '-v', 'linked:/link/sub/..'], 'ls /srv')).toMatchObject({
      stdout: 'file\noutside\nsub\n',
    });
    expect(await run(['--rm', '-v', 'none:/srv:nocopy'], 'ls -A /srv')).toEqual(done(''));
    expect(await run(['--rm', '--mount', 'source=none2,target=/srv,volume-nocopy'], 'ls -A /srv')).toEqual(done(''));
    await clean();
  });

  it('of which many start at once: one fills it, all of them see all of it', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, () => run(['--rm', '-v', 'data:/srv'], 'cat /srv/file; ls /srv | wc -l')),
    );
    expect(results).toEqual(results.map(() => done('from the image3\n')));
    await clean();
  });

  it('that could not be started leaves neither the volume nor a mark on one that was there', async () => {
    await tsbox('volume', 'create', 'there');
    const failed = await run(['--rm', '-v', 'new:/data', '-v', 'there:/x', '-v', '/anon', '-w', '/etc/passwd'], 'true');
    expect(failed.status).not.toBe(0);
    const unknown = await tsbox('run', '--network=none', '-v', 'new:/data', '-v', 'there:/x', image, 'nosuch');
    expect(unknown.status).toBe(127);
    expect(volumes()).toEqual(['there']);
    await clean();
  });

  it('whose engine is killed while it fills one leaves nothing', async () => {
    writeFileSync(`${image}/srv/sub/large`, Buffer.alloc(64 << 20, 1));
    const child = startCli([...flags, 'run', '--network=none', '-v', 'data:/srv', image, 'true']);
    const ended = new Promise((resolve) => child.once('close', resolve));
    while (!existsSync(`${root}/volumes/data/.filling`)) await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGKILL');
    await ended;
    expect((await tsbox('gc')).status).toBe(0);
    await clean();
  });

  it('in a user namespace of its own owns what is in it, whatever its ids are outside', async () => {
    const userns = (base: number) => ['--rm', '--userns', `${base}:${base}:65536`, '-v', 'data:/srv'];
    expect(await run(userns(200_000), 'stat -c %u:%g /srv/file; touch /srv/sub/new')).toEqual(done('1000:1000\n'));
    expect(await run(userns(400_000), 'stat -c %u:%g /srv/sub/new; rm /srv/sub/new')).toEqual(done('0:0\n'));
    await clean();
  });
});

describe('an anonymous volume', () => {
  it('goes with --rm and with rm -v, and stays otherwise', async () => {
    await run(['--rm', '-v', '/data'], 'true');
    expect(volumes()).toEqual([]);
    await run(['--name=one', '-v', '/data'], 'true');
    await run(['--name=two', '-v', '/data'], 'true');
    expect(volumes()).toHaveLength(2);
    await tsbox('rm', '-v', 'one');
    expect(volumes()).toHaveLength(1);
    await tsbox('rm', 'two');
    expect(volumes()).toHaveLength(1);
    expect((await tsbox('volume', 'prune', '-f')).stdout).toMatch(/^Deleted Volumes:\n[0-9a-f]{64}\n/);
    await clean();
  });

  it('is the same one when its container starts again', async () => {
    await run(['--name=one', '-v', '/data'], 'echo x >> /data/count; wc -l < /data/count');
    expect(await tsbox('start', '-a', 'one')).toEqual(done('2\n'));
    expect(volumes()).toHaveLength(1);
    await tsbox('rm', '-v', 'one');
    expect(volumes()).toEqual([]);
  });
});
