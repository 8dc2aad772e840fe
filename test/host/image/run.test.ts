import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { imageFromHost } from '../../../core/image/index.js';
import { readHost } from '../../../core/kernel/host.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { busyboxImage } from '../../support/image.js';
import { finished, runCli, startCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { tar } from '../../unit/image/tar-builder.js';

const asRoot = skipUnless('root', 'busybox');
const state = tempRoot();
const run = (image: string, ...command: string[]) =>
  runCli([...state.flags, 'run', '--rm', '--network=none', image, ...command], { cwd: state.directory });
const images = () => (existsSync(join(state.root, 'images')) ? readdirSync(join(state.root, 'images')) : []);

asRoot.describe('tsbox run', () => {
  it('starts programs of an image that was made from the host', async () => {
    const gate = new LibcGate();
    await imageFromHost({ root: state.root, name: 'tools', programs: ['ls', 'sh', 'id'], gate, host: readHost() });
    expect(await run('tools', 'ls', '/etc/ld.so.cache')).toEqual({
      status: 0,
      stdout: '/etc/ld.so.cache\n',
      stderr: '',
    });
    expect((await run('tools', 'sh', '-c', 'id -un; pwd; echo $HOME')).stdout).toBe('root\n/\n/root\n');
    expect((await run('tools')).stdout).toContain('proc');
    expect(await run('tools', 'cat')).toMatchObject({ status: 127 });
  });

  it('starts a tar image, the second time without unpacking', async () => {
    const tree = busyboxImage(join(state.directory, 'tree'));
    execFileSync('tar', ['-C', tree, '-czf', join(state.directory, 'image.tgz'), '.']);
    expect(await run('./image.tgz', 'id', '-un')).toEqual({ status: 0, stdout: 'root\n', stderr: '' });
    const [key] = readdirSync(join(state.root, 'images/.tar'));
    const before = statSync(join(state.root, 'images/.tar', key as string)).ctimeMs;
    expect((await run('./image.tgz', 'sh', '-c', 'echo $PATH')).status).toBe(0);
    expect(statSync(join(state.root, 'images/.tar', key as string)).ctimeMs).toBe(before);
  });

  it('says in one message what is wrong with an image, and leaves nothing', async () => {
    const before = images();
    writeFileSync(
      join(state.directory, 'half.tar'),
      tar({ name: 'bin/sh', body: Buffer.alloc(9000) }).subarray(0, 5000),
    );
    for (const [image, text] of [
      ['./half.tar', 'it was cut'],
      ['./nosuch.tar', 'no such file'],
      ['half.tar', 'did you mean ./half.tar?'],
      ['tolos', 'did you mean tools?'],
    ] as const) {
      const { status, stdout, stderr } = await run(image, 'true');
      expect({ status, stdout }).toEqual({ status: 125, stdout: '' });
      expect(stderr).toContain(text);
      expect(stderr).toMatch(/ERR_TSBOX_IMAGE_/);
    }
    expect(images()).toEqual(before);
    expect(existsSync(join(state.root, 'containers')) ? readdirSync(join(state.root, 'containers')) : []).toEqual([]);
  });

  it('plans with a tar image that is not unpacked', async () => {
    const tree = join(state.directory, 'tree');
    execFileSync('tar', ['-C', tree, '-cf', join(state.directory, 'planned.tar'), '.']);
    const before = readdirSync(join(state.root, 'images/.tar'));
    const plan = await runCli([...state.flags, 'plan', '-u', 'alice', '--network=none', './planned.tar', 'id'], {
      cwd: state.directory,
    });
    expect(plan).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(join(state.root, 'images/.tar'))).toEqual(before);
  });

  it('unpacks anew after it was killed in the middle', async () => {
    const members = Array.from({ length: 20_000 }, (_, i) => ({ name: `f${i}`, body: `${i}` }));
    writeFileSync(join(state.directory, 'many.tar'), tar(...members));
    const staging = join(state.root, 'images/.staging');
    const half = () => (existsSync(staging) ? readdirSync(staging).map((key) => join(staging, key, 'made/layer')) : []);
    const begun = (before: number) => half().some((layer) => existsSync(join(layer, 'f100')) && born(layer) !== before);
    let last = 0;
    for (let round = 0; round < 3; round++) {
      const command = [...state.flags, 'run', '--rm', '--network=none', './many.tar', '/f1'];
      const child = startCli(command, { cwd: state.directory });
      const ended = finished(child);
      while (!begun(last) && child.exitCode === null) await sleep(1);
      child.kill('SIGKILL');
      expect((await ended).status).toBe(137);
      last = born(half()[0] as string);
      expect(readdirSync(join(state.root, 'images/.tar'))).toHaveLength(1);
    }
    // All of it is there, and it cannot be executed.
    expect(await run('./many.tar', '/f19999')).toMatchObject({ status: 126 });
    expect(existsSync(staging)).toBe(false);
  });
});

/** Tells a directory from a later one of the same name, which may have its inode. */
function born(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.birthtimeMs ?? 0;
}

const asUser = skipUnless('root', 'busybox', 'userns', 'overlay');
const ordinary = { uid: 65_534, gid: 65_534 };
const own = tempRoot(ordinary);

asUser.it('an ordinary user runs a tar image with devices and owners, and is told what is missing', async () => {
  const tree = busyboxImage(join(own.directory, 'tree'));
  mkdirSync(join(tree, 'closed'));
  execFileSync('mknod', [join(tree, 'dev/null'), 'c', '1', '3']);
  execFileSync('chown', ['1000:1000', join(tree, 'home/alice')]);
  chmodSync(join(tree, 'closed'), 0);
  execFileSync('tar', ['-C', tree, '-cf', join(own.directory, 'image.tar'), '.']);
  const command = [
    ...own.flags,
    'run',
    '--rm',
    '--network=none',
    './image.tar',
    'sh',
    '-c',
    'id -u; stat -c %a:%u /closed /home/alice',
  ];
  const first = await runCli(command, { cwd: own.directory, user: ordinary });
  expect(first).toMatchObject({ status: 0, stdout: '0\n0:0\n755:0\n' });
  expect(first.stderr).toContain('1 device nodes were left out: only root can make them');
  expect(first.stderr).toContain('files belong to you instead of their owners');
  expect(await runCli(command, { cwd: own.directory, user: ordinary })).toMatchObject({ status: 0, stderr: '' });
});
