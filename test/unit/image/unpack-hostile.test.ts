import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type Member, tar } from './tar-builder.js';
import { base, file, resolve, root, unpack } from './unpack-bench.js';

describe('a hostile archive', () => {
  it('cannot write through links to outside', async () => {
    const outside = join(base, 'outside');
    mkdirSync(outside);
    const layer = await unpack(
      { name: outside, type: '5' },
      { name: 'tmp', type: '5' },
      { name: 'abs', type: '2', linkName: outside },
      { name: 'abs/file', body: 'inside' },
      { name: 'up', type: '2', linkName: '../../../../../../../../../../tmp' },
      { name: 'up/tsbox-file', body: 'inside' },
      { name: 'file', type: '2', linkName: join(outside, 'target') },
      { name: 'file', body: 'replaced' },
    );
    expect(readdirSync(outside)).toEqual([]);
    expect(existsSync('/tmp/tsbox-file')).toBe(false);
    expect(readFileSync(join(layer, outside, 'file'), 'utf8')).toBe('inside');
    expect(readFileSync(join(layer, 'tmp/tsbox-file'), 'utf8')).toBe('inside');
    expect(lstatSync(join(layer, 'file')).isFile()).toBe(true);
  });

  it('cannot use the links of proc', async () => {
    const link = { name: 'self', type: '2', linkName: '/proc/self/cwd' };
    await expect(unpack(link, { name: 'self/tsbox-x' })).rejects.toThrow('leads through a link');
    expect(existsSync(join(process.cwd(), 'tsbox-x'))).toBe(false);
  });

  it.each<[string, Member[]]>([
    ['a name with ..', [{ name: '../x' }]],
    ['a name with .. inside', [{ name: 'a/../../x' }]],
    ['a hard link with ..', [{ name: 'a', type: '1', linkName: '../../../../etc/passwd' }]],
    ['a hard link to the host', [{ name: 'a', type: '1', linkName: '/etc/passwd' }]],
    [
      'a hard link through a link',
      [
        { name: 'etc', type: '2', linkName: '/etc' },
        { name: 'a', type: '1', linkName: 'etc/passwd' },
      ],
    ],
    [
      'a hard link to a directory',
      [
        { name: 'd', type: '5' },
        { name: 'a', type: '1', linkName: 'd' },
      ],
    ],
    ['a NUL in a name', [{ name: 'x', pax: { path: 'a\0b' } }]],
    [
      'a loop of links',
      [{ name: 'a', type: '2', linkName: 'b' }, { name: 'b', type: '2', linkName: 'a' }, { name: 'a/x' }],
    ],
    ['a file behind a link to nothing', [{ name: 'a', type: '2', linkName: 'nosuch' }, { name: 'a/x' }]],
    ['a link to an empty name', [{ name: 'a', type: '2' }]],
    ['a file below a file', [{ name: 'a' }, { name: 'a/b' }]],
    ['a file over a full directory', [{ name: 'a/b' }, { name: 'a' }]],
    ['a name that is too long', [{ name: 'x', pax: { path: 'n'.repeat(300) } }]],
    ['overlay attributes', [{ name: 'x', type: '5', pax: { 'SCHILY.xattr.trusted.overlay.opaque': 'y' } }]],
    ['overlay attributes of users', [{ name: 'x', pax: { 'SCHILY.xattr.user.overlay.redirect': '/etc' } }]],
    ['an impossible owner', [{ name: 'x', pax: { uid: '4294967295' } }]],
    ['a negative owner', [{ name: 'x', pax: { gid: '-1' } }]],
    ['a root that is a file', [{ name: '.', body: 'x' }]],
    ['nothing', []],
    ['an OCI layout', [{ name: 'oci-layout' }, { name: 'index.json' }, { name: 'blobs/sha256', type: '5' }]],
    ['what docker save writes', [{ name: 'manifest.json' }, { name: 'repositories' }]],
  ])('is refused: %s', async (_, members) => {
    await expect(unpack(...members)).rejects.toMatchObject({
      code: 'ERR_TSBOX_IMAGE_INVALID',
      fixes: [expect.any(String)],
    });
    expect(existsSync(join(root(), 'images'))).toBe(false);
  });
});

describe('a damaged file', () => {
  const whole = tar({ name: 'a', body: Buffer.alloc(100_000, 'abcdefg') });
  it.each<[string, Buffer, RegExp]>([
    ['a tar cut in half', whole.subarray(0, whole.length / 2), /it was cut/],
    ['no tar', Buffer.from('#!/bin/sh\necho hello\n'.repeat(100)), /not a tar file/],
    ['a short text', Buffer.from('hello'), /it was cut/],
    ['a gzip cut in half', gzipSync(whole).subarray(0, 200), /was cut/],
    ['a gzip with a wrong checksum', Buffer.concat([gzipSync(whole).subarray(0, -8), Buffer.alloc(8)]), /damaged/],
    ['an xz', Buffer.from('fd377a585a000000', 'hex'), /compressed with xz/],
  ])('is one clear error and leaves nothing: %s', async (_, content, message) => {
    const path = file(content);
    await expect(resolve(path)).rejects.toMatchObject({
      code: 'ERR_TSBOX_IMAGE_INVALID',
      message: expect.stringMatching(message),
    });
    expect(existsSync(join(root(), 'images'))).toBe(false);
    await expect(resolve(path, { planning: true })).rejects.toMatchObject({ code: 'ERR_TSBOX_IMAGE_INVALID' });
  });

  it('names the fix for a compression that Node lacks', async () => {
    const path = file(Buffer.from('fd377a585a000000', 'hex'));
    await expect(resolve(path)).rejects.toMatchObject({ fixes: [`xz -dk ${path}, and use the result`] });
  });
});

it('sweeps what a killed process left half unpacked', async () => {
  const half = join(root(), 'images/.staging/tar-dead/made/layer');
  mkdirSync(half, { recursive: true });
  writeFileSync(join(half, 'x'), '');
  await unpack({ name: 'a' });
  expect(readdirSync(join(root(), 'images'))).toEqual(['.tar']);
});
