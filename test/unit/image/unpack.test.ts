import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { tar } from './tar-builder.js';
import { file, resolve, root, unpack, warnings } from './unpack-bench.js';

describe('a tar image', () => {
  it('is unpacked with its modes, times, links and fifos', async () => {
    const layer = await unpack(
      { name: './', type: '5', mode: 0o711, mtime: 1000 },
      { name: './bin', type: '2', linkName: 'usr/bin' },
      { name: './usr/bin', type: '5', mode: 0o555, mtime: 2000 },
      { name: 'bin/sh', body: 'shell', mode: 0o755, mtime: 3000 },
      { name: 'bin/ash', type: '1', linkName: './bin/sh' },
      { name: '/absolute/path', body: 'x' },
      { name: 'pipe', type: '6', mode: 0o600, mtime: 4000 },
    );
    expect(readFileSync(join(layer, 'usr/bin/sh'), 'utf8')).toBe('shell');
    expect(readlinkSync(join(layer, 'bin'))).toBe('usr/bin');
    expect(statSync(join(layer, 'usr/bin/ash')).ino).toBe(statSync(join(layer, 'usr/bin/sh')).ino);
    expect(statSync(join(layer, 'usr/bin/sh')).mtimeMs).toBe(3000_000);
    expect(statSync(join(layer, 'usr/bin'))).toMatchObject({ mode: 0o40555, mtimeMs: 2000_000 });
    expect(statSync(layer)).toMatchObject({ mode: 0o40711, mtimeMs: 1000_000 });
    expect(statSync(join(layer, 'absolute')).mode).toBe(0o40755);
    expect(lstatSync(join(layer, 'pipe')).isFIFO()).toBe(true);
    expect(readdirSync(join(root(), 'images'))).toEqual(['.tar']);
  });

  it('gets a shell as its command if it has one', async () => {
    expect((await resolve(file(tar({ name: 'bin/sh', body: '' })))).config.cmd).toEqual(['/bin/sh']);
    expect((await resolve(file(tar({ name: 'a', body: '' })))).config.cmd).toEqual([]);
  });

  it('is unpacked once, by whoever comes first', async () => {
    const path = file(tar({ name: 'a', body: 'a' }));
    const images = await Promise.all(Array.from({ length: 20 }, () => resolve(path)));
    expect(new Set(images.map(({ layers }) => layers[0])).size).toBe(1);
    const inode = statSync(join(images[0]?.layers[0] as string, 'a')).ino;
    const again = await resolve(path);
    expect(statSync(join(again.layers[0] as string, 'a')).ino).toBe(inode);
  });

  it('is unpacked anew when the file has changed', async () => {
    const path = file(tar({ name: 'a', body: 'a' }));
    const before = await resolve(path);
    utimesSync(path, 5, 5);
    expect((await resolve(path)).layers).not.toEqual(before.layers);
  });

  it('is trusted after a reboot only if it was used long after it was unpacked', async () => {
    const path = file(tar({ name: 'a', body: 'a' }));
    const layer = (await resolve(path)).layers[0] as string;
    const record = join(layer, '../image.json');
    const { boot, ...rest } = JSON.parse(readFileSync(record, 'utf8'));
    const inode = () => statSync(join(layer, 'a')).ino;
    const write = (more: object) => writeFileSync(record, JSON.stringify({ ...rest, boot, ...more }));

    write({ uptime: -1000 });
    const first = inode();
    await resolve(path);
    write({ boot: 'an earlier one' });
    await resolve(path);
    expect(inode()).toBe(first);

    rmSync(join(layer, '../settled'));
    await resolve(path);
    expect(inode()).not.toBe(first);
    writeFileSync(record, '');
    const second = inode();
    await resolve(path);
    expect(inode()).not.toBe(second);
    expect(readdirSync(join(root(), 'images'))).toEqual(['.tar']);
  });

  it('may be compressed with gzip', async () => {
    const image = await resolve(file(gzipSync(tar({ name: 'etc/passwd', body: 'hello' }))));
    expect(image.readFile('/etc/passwd')).toBe('hello');
  });

  it('is not unpacked for a plan, which knows its accounts all the same', async () => {
    const path = file(
      tar({ name: './etc/passwd', body: 'web:x:1:1::/:' }, { name: './bin/sh', type: '2', linkName: 'x' }),
    );
    const planned = await resolve(path, { planning: true });
    expect(existsSync(root())).toBe(false);
    expect(planned.readFile('/etc/passwd')).toBe('web:x:1:1::/:');
    expect(planned.config.cmd).toEqual(['/bin/sh']);
    expect((await resolve(path)).layers).toEqual(planned.layers);
    expect((await resolve(path, { planning: true })).layers).toEqual(planned.layers);
  });

  it('replaces an earlier entry of the same name', async () => {
    const layer = await unpack(
      { name: 'a', body: 'first' },
      { name: 'a', body: 'second' },
      { name: 'd', type: '2', linkName: 'a' },
      { name: 'd', type: '5' },
      { name: 'd', type: '5', mode: 0o700 },
      { name: 'd/x', body: '' },
      { name: 'e', type: '5' },
      { name: 'e', body: 'a file' },
    );
    expect(readFileSync(join(layer, 'a'), 'utf8')).toBe('second');
    expect(statSync(join(layer, 'd')).mode).toBe(0o40700);
    expect(readFileSync(join(layer, 'e'), 'utf8')).toBe('a file');
  });

  it('keeps names that are not text', async () => {
    const layer = await unpack({ name: 'x', pax: { path: Buffer.from([0x61, 0xff, 0x62]) } });
    expect(readdirSync(layer, { encoding: 'buffer' })).toEqual([Buffer.from([0x61, 0xff, 0x62])]);
  });

  it('says what it leaves out, and drops set-id bits that would mean somebody else', async () => {
    const layer = await unpack(
      { name: 'null', type: '3', major: 1, minor: 3 },
      { name: 'zero', type: '3', major: 1, minor: 5 },
      { name: 'su', mode: 0o4755 },
      { name: 'game', mode: 0o6755, uid: 5, gid: 60 },
      { name: 'etc/.wh.passwd' },
    );
    expect(readdirSync(layer).sort()).toEqual(['game', 'su']);
    expect(statSync(join(layer, 'su')).mode & 0o7777).toBe(0o4755);
    expect(statSync(join(layer, 'game')).mode & 0o7777).toBe(0o755);
    expect(warnings.join('\n')).toMatch(/2 device nodes were left out/);
    expect(warnings.join('\n')).toMatch(/1 whiteouts were left out/);
    expect(warnings.join('\n')).toMatch(/1 files belong to you/);
  });
});
