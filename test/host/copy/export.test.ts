import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect } from 'vitest';
import { makeRichTree, manifestOf } from '../../contract/storage-fixtures.js';
import { busyboxImage } from '../../support/image.js';
import { runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';
import { commandLine, makeContainer, STORAGES, startContainer } from './containers.js';

const { describe, it } = skipUnless('root', 'overlay', 'busybox', 'attr');
const state = tempRoot();
const tsbox = commandLine(state);
const image = join(state.directory, 'image');
beforeAll(() => {
  busyboxImage(image);
  makeRichTree(join(image, 'rich'));
  execFileSync('rm', [join(image, 'rich/socket')]);
});

describe.each(STORAGES)('tsbox export with storage %s', (storage) => {
  const box = `export-${storage}`;
  const archive = join(state.directory, `${box}.tar`);
  beforeAll(() =>
    makeContainer(state, box, image, 'echo new > /new; rm -r /home; rm /etc/group', `--storage=${storage}`),
  );

  it('writes what the container has, as GNU tar unpacks it', async () => {
    expect(await tsbox('export', '-o', archive, box)).toEqual({ status: 0, stdout: '', stderr: '' });
    const target = join(state.directory, `${box}-unpacked`);
    mkdirSync(target);
    execFileSync('tar', ['-x', '--xattrs', '--xattrs-include=*', '-p', '-C', target, '-f', archive]);
    execFileSync('touch', ['-r', join(image, 'rich'), join(target, 'rich')]);
    expect(manifestOf(join(target, 'rich'))).toBe(manifestOf(join(image, 'rich')));
    expect(readdirSync(target)).toEqual(expect.arrayContaining(['bin', 'dev', 'etc', 'new', 'proc']));
    expect(readdirSync(target)).not.toContain('home');
    expect(readdirSync(join(target, 'etc')).sort()).toEqual(['hostname', 'hosts', 'passwd', 'resolv.conf']);
    expect(lstatSync(join(target, 'rich/sparse')).blocks).toBeLessThan(64);
  });

  it('keeps holes out of the archive, and is readable for its owner only', () => {
    expect(statSync(archive).size).toBeLessThan(12_000_000);
    expect(statSync(archive).mode & 0o777).toBe(0o600);
  });

  it('writes an image: tsbox runs it', async () => {
    const { stdout } = await tsbox('run', '--rm', '--network=none', archive, 'sh', '-c', 'cat /new; ls /home');
    expect(stdout).toBe('new\n');
  });

  it('leaves out what is mounted in one that runs', async () => {
    const running = await startContainer(
      state,
      `${box}-live`,
      image,
      'echo x > /made; echo up; sleep 600',
      `--storage=${storage}`,
      '--tmpfs=/mnt/t',
    );
    try {
      const path = `${archive}.live`;
      await tsbox('export', '-o', path, `${box}-live`);
      const names = execFileSync('tar', ['-t', '-f', path], { encoding: 'utf8' }).split('\n');
      expect(names).toContain('made');
      expect(names.filter((name) => /^(proc|sys|dev|mnt\/t)\/./.test(name))).toEqual([]);
    } finally {
      await running.stop();
    }
  });
});

describe('tsbox export', () => {
  it('refuses a terminal, a directory, a device and an unknown container', async () => {
    const terminal = await runCli([...state.flags, 'export', 'export-copy'], { pty: true });
    expect(terminal).toMatchObject({ status: 1, stdout: expect.stringContaining('to a terminal') });
    for (const path of [state.directory, '/dev/null'])
      expect(await tsbox('export', '-o', path, 'export-copy')).toMatchObject({ status: 1 });
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(await tsbox('export', 'nosuch')).toMatchObject({ status: 1, stdout: '' });
  });

  it('leaves the file that is there as it was when it fails', async () => {
    const path = join(state.directory, 'kept');
    writeFileSync(path, 'kept');
    expect((await tsbox('export', '-o', path, 'nosuch')).status).toBe(1);
    expect(readFileSync(path, 'utf8')).toBe('kept');
  });
});
