import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { makeRichTree, manifestOf } from '../../contract/storage-fixtures.js';
import { busyboxImage } from '../../support/image.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { commandLine, makeContainer, STORAGES, startContainer } from './containers.js';

const { describe, it } = skipUnless('root', 'overlay', 'busybox', 'attr');
const state = tempRoot();
const tsbox = commandLine(state);
const image = join(state.directory, 'image');
const run = (name: string, ...command: string[]) => tsbox('run', '--rm', '--network=none', name, ...command);
beforeAll(() => {
  busyboxImage(image);
  makeRichTree(join(image, 'rich'));
  // A socket means something to the process that made it only.
  execFileSync('sh', ['-c', 'rm socket; touch -d "2004-04-04" .'], { cwd: join(image, 'rich') });
});

describe.each(STORAGES)('tsbox commit with storage %s', (storage) => {
  const box = `commit-${storage}`;
  const name = `my/${storage}`;
  const script =
    'echo new > /new; rm -r /home; rm /etc/group; rm -r /var; mkdir /var; echo x > /var/x; chmod 700 /root';
  beforeAll(() =>
    makeContainer(state, box, image, script, `--storage=${storage}`, '--env=FROM=container', '--workdir=/tmp'),
  );

  it('prints an id, and makes an image with what the container had', async () => {
    const { status, stdout, stderr } = await tsbox('commit', '-m', 'a message', '-a', 'somebody', box, name);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    const list = await tsbox('image', 'ls');
    expect(list.stdout).toMatch(new RegExp(`^${name} +latest +${stdout.slice(7, 19)} `, 'm'));
    for (const other of STORAGES) {
      const seen = await tsbox('run', '--rm', '--network=none', `--storage=${other}`, name, 'sh', '-c', LOOK);
      expect(seen.stdout).toBe('new\nx\ncontainer\n/tmp\n700\n');
    }
    expect((await run(stdout.trim(), 'cat', '/new')).stdout).toBe('new\n');
  });

  it('keeps everything of every file', () => {
    const layer = join(state.root, `images/my+${storage}/layer/rich`);
    expect(manifestOf(layer)).toBe(manifestOf(join(image, 'rich')));
    expect(readdirSync(join(layer, '../etc')).sort()).toEqual(['passwd']);
    expect(readdirSync(join(layer, '..'))).not.toContain('home');
  });

  it('shares what did not change with the image before, and stays when that is removed', async () => {
    const second = `second-${storage}`;
    await makeContainer(state, second, name, 'echo 2 > /two', `--storage=${storage}`);
    expect(await tsbox('commit', second, `${name}:2`)).toMatchObject({ status: 0 });
    const inode = (image: string) => lstatSync(join(state.root, 'images', image, 'layer/bin/busybox')).ino;
    expect(inode(`my+${storage}@2`)).toBe(inode(`my+${storage}`));
    expect(await tsbox('commit', second, name)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/container second-.* is made of it/),
    });
    expect(await tsbox('rm', second)).toMatchObject({ status: 0 });
    expect(await tsbox('image', 'rm', name)).toMatchObject({ status: 0 });
    expect((await run(`${name}:2`, 'cat', '/two', '/new')).stdout).toBe('2\nnew\n');
  });

  it("takes instructions, and runs the container's own command without", async () => {
    const changes = ['CMD ["echo", "hi there"]', 'ENV A=b C="d e"', 'LABEL x=y', 'WORKDIR sub', 'EXPOSE 80'];
    await tsbox('commit', ...changes.map((change) => `--change=${change}`), box, 'changed');
    expect((await run('changed')).stdout).toBe('hi there\n');
    expect((await run('changed', 'sh', '-c', 'echo $A $C; pwd')).stdout).toBe('b d e\n/tmp/sub\n');
    await tsbox('commit', box, 'plain');
    expect((await run('plain', 'cat', '/var/x')).stdout).toBe('x\n');
    expect((await run('plain')).stderr).toContain('/home');
    for (const change of ['NOSUCH x', 'CMD', 'CMD [1]', 'ENV =x'])
      expect(await tsbox('commit', '-c', change, box, 'wrong')).toMatchObject({ status: 1, stdout: '' });
    expect((await tsbox('image', 'ls')).stdout).not.toContain('wrong');
  });

  it('makes an image of one that runs, which goes on', async () => {
    const live = `live-${storage}`;
    const running = await startContainer(
      state,
      live,
      image,
      'echo here > /here; echo up; sleep 600',
      `--storage=${storage}`,
    );
    try {
      const made = await tsbox('commit', live);
      expect(made).toMatchObject({ status: 0, stderr: '' });
      for (const flag of ['--pause', '--no-pause', '--pause=false'])
        expect(await tsbox('commit', flag, live, 'paused')).toMatchObject({ status: 0, stderr: '' });
      expect((await run(made.stdout.slice(7, 19), 'cat', '/here')).stdout).toBe('here\n');
      expect((await tsbox('ps', '--format={{.Status}}', `--filter=name=${live}`)).stdout).toMatch(/^Up [^(]*\n$/);
    } finally {
      await running.stop();
    }
  });
});

const LOOK = 'cat /new /var/x; ls /home 2>/dev/null; echo $FROM; pwd; stat -c %a /root';

describe('tsbox commit', () => {
  it('refuses this machine, a bad name and an unknown container', async () => {
    mkdirSync(join(state.directory, 'x'));
    await makeContainer(state, 'host-box', 'host', 'true', '--storage=overlay');
    expect(await tsbox('commit', 'host-box', 'whole')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is this machine'),
    });
    expect(await tsbox('commit', 'host-box', 'BAD NAME')).toMatchObject({ status: 1 });
    expect(await tsbox('commit', 'nosuch')).toMatchObject({ status: 1, stdout: '' });
  });
});
