import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { imageFromHost, listImages, removeImage, resolveImage } from '../../../core/image/index.js';
import { readHost } from '../../../core/kernel/host.js';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { skipUnless } from '../../support/skip.js';

const gate = new LibcGate();
const asRoot = skipUnless('root', 'cc');
let base: string;
let root: string;
const make = (name: string, programs: string[], more = {}) =>
  imageFromHost({ root, name, programs, gate, host: readHost(), ...more });
const layerOf = async (name: string) =>
  (await resolveImage(name, { root, gate, host: readHost() })).layers[0] as string;
const chroot = (layer: string, ...command: string[]) =>
  execFileSync('/usr/sbin/chroot', [layer, ...command], {
    encoding: 'utf8',
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tsbox-from-host-'));
  root = join(base, 'root');
});
afterEach(() => rmSync(base, { recursive: true }));

asRoot.describe('an image of programs of the host', () => {
  it('runs them in a chroot', async () => {
    const made = await make('tools', ['sh', 'ls', 'cat', 'id']);
    expect(made).toEqual({ name: 'tools', files: expect.any(Number), bytes: expect.any(Number) });
    const layer = await layerOf('tools');
    expect(chroot(layer, 'ls', '/').split('\n')).toEqual(
      expect.arrayContaining(['bin', 'dev', 'etc', 'proc', 'tmp', 'usr']),
    );
    expect(chroot(layer, '/bin/sh', '-c', 'id -un; cat /etc/group | while read x; do echo $x; break; done')).toBe(
      'root\nroot:x:0:\n',
    );
    const files = execFileSync('find', [layer, '-type', 'f', '-printf', '%s\n'], { encoding: 'utf8' })
      .trim()
      .split('\n');
    expect(made.files).toBe(files.length);
    expect(made.bytes).toBe(files.reduce((sum, size) => sum + Number(size), 0));
  });

  it('runs the first program when none is named', async () => {
    await make('shell', ['sh', 'ls']);
    const image = await resolveImage('shell', { root, gate, host: readHost() });
    expect(image.config.cmd).toEqual([expect.stringMatching(/^\/.*\/sh$/)]);
    expect(image.readFile('/etc/passwd')).toMatch(/^root:x:0:0:/);
    await make('other', ['ls'], { cmd: ['ls', '-l'] });
    expect((await resolveImage('other', { root, gate, host: readHost() })).config.cmd).toEqual(['ls', '-l']);
  });

  it('runs Node, with its libraries', async () => {
    await make('node', [process.execPath]);
    const layer = await layerOf('node');
    expect(chroot(layer, process.execPath, '-p', '6 * 7')).toBe('42\n');
    expect(statSync(join(layer, process.execPath)).size).toBe(statSync(process.execPath).size);
  });

  it('keeps links on the way to a program', async () => {
    const bin = join(base, 'opt/bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(`${base}/alternatives-tool`, join(bin, 'tool'));
    symlinkSync('opt/bin/real', join(base, 'alternatives-tool'));
    execFileSync('cp', ['/bin/ls', join(bin, 'real')]);
    symlinkSync('opt', join(base, 'short'));
    await make('linked', [join(base, 'short/bin/tool')]);
    const layer = await layerOf('linked');
    expect(readlinkSync(join(layer, bin, 'tool'))).toBe(`${base}/alternatives-tool`);
    expect(readlinkSync(join(layer, base, 'short'))).toBe('opt');
    expect(chroot(layer, join(base, 'short/bin/tool'), '/etc')).toContain('passwd');
  });

  it.each([
    ['#!/bin/sh\necho from "$0"\n', /^from/],
    ['#!/usr/bin/env sh\necho env\n', /^env/],
    ['#! /usr/bin/env -S sh -e\necho split\n', /^split/],
  ])('brings the interpreter of a script: %j', async (text, output) => {
    const script = join(base, 'script');
    writeFileSync(script, text);
    chmodSync(script, 0o755);
    await make('script', [script]);
    expect(chroot(await layerOf('script'), script)).toMatch(output);
  });

  it('finds libraries by rpath, runpath, $ORIGIN and the directories of ld.so.conf', async () => {
    const dir = join(base, 'app');
    mkdirSync(join(dir, 'lib'), { recursive: true });
    writeFileSync(join(dir, 'inner.c'), 'int inner(void) { return 40; }');
    writeFileSync(join(dir, 'outer.c'), 'int inner(void); int outer(void) { return inner() + 2; }');
    writeFileSync(
      join(dir, 'main.c'),
      '#include <stdio.h>\nint outer(void); int main(void) { printf("%d\\n", outer()); }',
    );
    const cc = (...args: string[]) => execFileSync('gcc', args, { cwd: dir });
    cc('-shared', '-fPIC', '-o', 'lib/libinner.so', 'inner.c');
    cc('-shared', '-fPIC', '-o', 'lib/libouter.so', 'outer.c', '-Llib', '-linner');
    cc('-o', 'main', 'main.c', '-Llib', '-louter', '-Wl,--disable-new-dtags,-rpath,$ORIGIN/lib,-rpath-link,lib');
    await make('rpath', [join(dir, 'main')]);
    expect(chroot(await layerOf('rpath'), join(dir, 'main'))).toBe('42\n');
    // A runpath does not help libraries of libraries; only the program's own.
    cc('-o', 'main', 'main.c', '-Llib', '-louter', '-Wl,--enable-new-dtags,-rpath,$ORIGIN/lib,-rpath-link,lib');
    await expect(make('runpath', [join(dir, 'main')])).rejects.toThrow(
      /libouter.so needs libinner.so, which is in none/,
    );
  });

  it('leaves nothing behind when it fails', async () => {
    await expect(make('bad', ['sh', 'no-such-program'])).rejects.toThrow(
      'cannot copy no-such-program: there is no such program in PATH',
    );
    await expect(make('bad', ['/etc/passwd'])).rejects.toThrow('not executable');
    await expect(make('bad', ['/etc'])).rejects.toThrow('no such file');
    await expect(make('bad', [])).rejects.toThrow('no program is named');
    await expect(make('Bad', ['sh'])).rejects.toMatchObject({ code: 'ERR_TSBOX_IMAGE_INVALID' });
    await expect(make('host', ['sh'])).rejects.toMatchObject({ code: 'ERR_TSBOX_IMAGE_INVALID' });
    expect(existsSync(join(root, 'images'))).toBe(false);
  });

  it('takes a name once, also when many want it', async () => {
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => make('one', ['true'])));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'ERR_TSBOX_NAME_IN_USE' });
    }
    expect(readdirSync(join(root, 'images'))).toEqual(['one']);
  });

  it('is listed and removed', async () => {
    await make('team/tools:v1', ['true']);
    await make('a', ['true']);
    expect(listImages(root)).toMatchObject([
      { name: 'a', repository: 'a', tag: 'latest', config: { cmd: [expect.stringMatching(/true$/)] } },
      { name: 'team/tools:v1', repository: 'team/tools', tag: 'v1', files: expect.any(Number) },
    ]);
    await removeImage(root, 'team/tools:v1', gate);
    expect(listImages(root).map(({ name }) => name)).toEqual(['a']);
    expect(readdirSync(join(root, 'images'))).toEqual(['a']);
    await expect(removeImage(root, 'nosuch', gate)).rejects.toMatchObject({ code: 'ERR_TSBOX_IMAGE_NOT_FOUND' });
    await expect(resolveImage('b', { root, gate, host: readHost() })).rejects.toMatchObject({
      code: 'ERR_TSBOX_IMAGE_NOT_FOUND',
    });
  });

  it('keeps modes, owners and capabilities of programs', async () => {
    const program = join(base, 'program');
    execFileSync('cp', ['/bin/true', program]);
    execFileSync('chown', ['5:60', program]);
    chmodSync(program, 0o4711);
    await make('modes', [program]);
    expect(lstatSync(join(await layerOf('modes'), program))).toMatchObject({ uid: 5, gid: 60, mode: 0o104711 });
    expect(readFileSync(join(await layerOf('modes'), program))).toEqual(readFileSync(program));
  });
});
