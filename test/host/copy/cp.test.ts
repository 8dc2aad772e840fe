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
import { join } from 'node:path';
import { beforeAll, beforeEach, expect } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { commandLine, makeContainer, STORAGES, startContainer } from './containers.js';

const { describe, it } = skipUnless('root', 'overlay', 'busybox');
const state = tempRoot();
const tsbox = commandLine(state);
const image = join(state.directory, 'image');
const volume = join(state.directory, 'volume');
const FILES = `
  mkdir -p /data/sub; echo hello > /data/file; echo below > /data/sub/below; ln -s file /data/link
  ln -s /etc/passwd /data/absolute; mkfifo /data/pipe; chmod 4755 /data/file; chown 1000:1000 /data/sub
  ln -s ../../../../../../../../etc /data/up; ln -s /data /alias`;

let here = '';
let count = 0;
beforeAll(() => {
  busyboxImage(image);
  mkdirSync(volume);
});
beforeEach(() => {
  here = join(state.directory, `here${count++}`);
  mkdirSync(here);
});
const local = (name: string) => join(here, name);

describe.each(STORAGES)('tsbox cp with storage %s, of a container that has ended', (storage) => {
  const box = `ended-${storage}`;
  beforeAll(() => makeContainer(state, box, image, FILES, `--storage=${storage}`, `--volume=${volume}:/vol`));

  it('copies a file, as the name of a file that is not there', async () => {
    expect(await tsbox('cp', `${box}:/data/file`, local('new'))).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(local('new'), 'utf8')).toBe('hello\n');
    // It is the caller's now, and what is the caller's gives nobody else rights.
    expect(lstatSync(local('new')).mode & 0o7777).toBe(0o755);
  });

  it('copies a file into a directory, and in the place of a file', async () => {
    writeFileSync(local('old'), 'a longer text than the new one');
    await tsbox('cp', `${box}:/data/file`, here);
    await tsbox('cp', `${box}:/data/file`, local('old'));
    expect(['file', 'old'].map((name) => readFileSync(local(name), 'utf8'))).toEqual(['hello\n', 'hello\n']);
  });

  it("copies a directory, its content, or both by docker's rules", async () => {
    await tsbox('cp', `${box}:/data`, local('made'));
    await tsbox('cp', `${box}:/data`, local('made'));
    await tsbox('cp', `${box}:/data/.`, local('content'));
    const names = ['absolute', 'file', 'link', 'pipe', 'sub', 'up'];
    expect(readdirSync(local('made')).sort()).toEqual(['absolute', 'data', ...names.slice(1)]);
    expect(readdirSync(local('made/data')).sort()).toEqual(names);
    expect(readdirSync(local('content')).sort()).toEqual(names);
    expect(lstatSync(local('made/pipe')).isFIFO()).toBe(true);
    expect(lstatSync(local('made/sub')).uid).toBe(0);
  });

  it('keeps owners and set-id bits with -a', async () => {
    await tsbox('cp', '-a', `${box}:/data`, local('made'));
    expect([lstatSync(local('made/sub')).uid, lstatSync(local('made/sub')).gid]).toEqual([1000, 1000]);
    expect(lstatSync(local('made/file')).mode & 0o7777).toBe(0o4755);
  });

  it('copies a link as a link, and with -L what it leads to, inside the container', async () => {
    await tsbox('cp', `${box}:/data/absolute`, local('link'));
    await tsbox('cp', '-L', `${box}:/data/absolute`, local('file'));
    expect(lstatSync(local('link')).isSymbolicLink()).toBe(true);
    expect(readFileSync(local('file'), 'utf8')).toBe(readFileSync(join(image, 'etc/passwd'), 'utf8'));
  });

  it('goes through links and .. that lead nowhere outside', async () => {
    await tsbox('cp', `${box}:/data/up/passwd`, local('a'));
    await tsbox('cp', `${box}:../../../alias/../etc/passwd`, local('b'));
    await tsbox('cp', `${box}:/alias/file`, local('c'));
    const inside = readFileSync(join(image, 'etc/passwd'), 'utf8');
    expect(['a', 'b', 'c'].map((name) => readFileSync(local(name), 'utf8'))).toEqual([inside, inside, 'hello\n']);
  });

  it.each([
    ['/nowhere', '.', 'is not there'],
    ['/data/file/', '.', 'is no directory'],
    ['/data/file', 'none/', 'is not there'],
    ['/data/file', 'none/file', 'in a directory that is not there'],
    ['/data', 'file', 'cannot take the place of the file'],
  ])('refuses %s to %s', async (from, to, why) => {
    writeFileSync(local('file'), '');
    const { status, stderr } = await runCli([...state.flags, 'cp', `${box}:${from}`, to], { cwd: here });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(why) });
    expect(readdirSync(here)).toEqual(['file']);
  });

  it("copies in: new files are root's, a file is replaced, links are resolved inside", async () => {
    mkdirSync(local('in/deep'), { recursive: true });
    writeFileSync(local('in/deep/file'), 'in');
    chmodSync(local('in/deep/file'), 0o640);
    execFileSync('chown', ['-R', '1234:1234', local('in')]);
    expect(await tsbox('cp', local('in'), `${box}:/alias/../home`)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(await tsbox('cp', local('in/deep/file'), `${box}:/data/up/new`)).toMatchObject({ status: 0 });
    expect(await tsbox('cp', '-a', `${local('in')}/.`, `${box}:/kept`)).toMatchObject({ status: 0 });
    await tsbox('cp', '-a', `${box}:/`, local('all'));
    const seen = ['home/in/deep/file', 'etc/new', 'kept/deep/file'].map((name) => {
      const { uid, gid, mode } = lstatSync(local(`all/${name}`));
      return [readFileSync(local(`all/${name}`), 'utf8'), uid, gid, mode & 0o777];
    });
    expect(seen).toEqual([
      ['in', 0, 0, 0o640],
      ['in', 0, 0, 0o640],
      ['in', 1234, 1234, 0o640],
    ]);
    expect(readdirSync(local('all/proc'))).toEqual([]);
    expect(existsSync('/etc/new')).toBe(false);
  });

  it('reaches volumes', async () => {
    writeFileSync(local('file'), 'for the volume');
    await tsbox('cp', local('file'), `${box}:/vol/file`);
    expect(readFileSync(join(volume, 'file'), 'utf8')).toBe('for the volume');
    await tsbox('cp', `${box}:/vol/file`, local('back'));
    expect(readFileSync(local('back'), 'utf8')).toBe('for the volume');
  });

  it('writes and reads archives', async () => {
    const out = await tsbox('cp', `${box}:/data/sub`, '-');
    expect(out.status).toBe(0);
    expect(execFileSync('tar', ['t'], { input: out.stdout, encoding: 'utf8' })).toBe('sub/\nsub/below\n');
    mkdirSync(local('pack'));
    for (const name of ['.wh.x', 'b']) writeFileSync(local(`pack/${name}`), name);
    const archive = execFileSync('tar', ['-C', local('pack'), '-c', '.']);
    const into = await runCli([...state.flags, 'cp', '-', `${box}:/tmp`], { input: archive });
    expect(into).toEqual({ status: 0, stdout: '', stderr: '' });
    await tsbox('cp', `${box}:/tmp`, local('tmp'));
    expect(readdirSync(local('tmp')).sort()).toEqual(['.wh.x', 'b']);
    const nowhere = await runCli([...state.flags, 'cp', '-', `${box}:/data/file`], { input: archive });
    expect(nowhere).toMatchObject({ status: 1, stderr: expect.stringContaining('is no directory') });
  });

  it('leaves changes that diff shows', async () => {
    expect((await tsbox('diff', box)).stdout).toContain('A /kept/deep/file\n');
  });
});

describe('tsbox cp', () => {
  it.each([
    [['a', 'b'], 'neither end is in a container'],
    [['a:/x', 'b:/y'], 'copying between containers'],
    [['-', 'b'], 'neither end is in a container'],
    [['nosuch:/x', '.'], 'there is no container'],
  ])('refuses %j', async (args, why) => {
    expect(await tsbox('cp', ...args)).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining(why) });
  });

  it('copies from and to one that runs, with its own /etc/hostname', async () => {
    const running = await startContainer(
      state,
      'live',
      image,
      'mkfifo /p; echo up; read x < /p; sleep 600',
      '--hostname=my-name',
    );
    try {
      const { stdout } = await tsbox('cp', 'live:/etc/hostname', '-');
      expect(execFileSync('tar', ['xO'], { input: stdout, encoding: 'utf8' })).toBe('my-name\n');
      writeFileSync(local('file'), 'to it');
      await tsbox('cp', local('file'), 'live:/tmp/there');
      expect(await tsbox('cp', 'live:/tmp/there', local('back'))).toMatchObject({ status: 0 });
      expect(readFileSync(local('back'), 'utf8')).toBe('to it');
      // Nobody writes to it: a copy that opened it would wait.
      expect(await tsbox('cp', 'live:/p', local('pipe'))).toMatchObject({ status: 0 });
      expect(lstatSync(local('pipe')).isFIFO()).toBe(true);
      expect(await tsbox('diff', 'live')).toEqual({ status: 0, stdout: 'A /p\nC /tmp\nA /tmp/there\n', stderr: '' });
    } finally {
      await running.stop();
    }
  });

  it("does not follow a link of the caller's that is below what is copied", async () => {
    writeFileSync(local('secret'), 'secret');
    mkdirSync(local('tree'));
    symlinkSync('../secret', local('tree/link'));
    await makeContainer(state, 'links', image, 'true');
    await tsbox('cp', local('tree'), 'links:/');
    await tsbox('cp', 'links:/tree', local('back'));
    expect(lstatSync(local('back/link')).isSymbolicLink()).toBe(true);
  });
});
