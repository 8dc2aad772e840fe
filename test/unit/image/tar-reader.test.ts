import { describe, expect, it } from 'vitest';
import { parsePax, paxTime } from '../../../core/image/tar/pax.js';
import type { TarEntry } from '../../../core/image/tar/tar-entry.js';
import { readTar } from '../../../core/image/tar/tar-reader.js';
import { header, type Member, member, padded, pax, sealed, tar } from './tar-builder.js';

interface Read extends Omit<TarEntry, 'body'> {
  content: string;
}

/** Reads in chunks of an awkward size, so that every field is once cut in two. */
async function read(archive: Buffer, chunkSize = 517): Promise<Read[]> {
  async function* chunks() {
    for (let at = 0; at < archive.length; at += chunkSize) yield archive.subarray(at, at + chunkSize);
  }
  const result: Read[] = [];
  for await (const { body, ...entry } of readTar(chunks())) {
    const pieces: Buffer[] = [];
    for await (const piece of body) pieces.push(piece);
    result.push({ ...entry, content: Buffer.concat(pieces).toString() });
  }
  return result;
}
const first = async (...members: Member[]) => (await read(tar(...members)))[0] as Read;

describe('readTar', () => {
  it('reads every kind of entry', async () => {
    const entries = await read(
      tar(
        { name: './', type: '5', mode: 0o1777 },
        { name: 'file', body: 'x'.repeat(700), uid: 1000, gid: 50, mtime: 1_700_000_000, mode: 0o4755 },
        { name: 'old', type: '\0', body: 'old' },
        { name: 'old-directory/', type: '\0' },
        { name: 'hard', type: '1', linkName: 'file' },
        { name: 'soft', type: '2', linkName: '../file' },
        { name: 'null', type: '3', major: 1, minor: 3 },
        { name: 'disk', type: '4', major: 8, minor: 1 },
        { name: 'pipe', type: '6' },
      ),
    );
    expect(entries.map(({ name, type }) => `${name} ${type}`)).toEqual([
      './ directory',
      'file file',
      'old file',
      'old-directory/ directory',
      'hard hardlink',
      'soft symlink',
      'null character',
      'disk block',
      'pipe fifo',
    ]);
    expect(entries[1]).toMatchObject({
      uid: 1000,
      gid: 50,
      mtime: 1_700_000_000_000_000_000n,
      mode: 0o4755,
      size: 700,
    });
    expect(entries[1]?.content).toBe('x'.repeat(700));
    expect(entries[6]).toMatchObject({ major: 1, minor: 3 });
  });

  it.each([1, 7, 511, 512, 513, 100_000])('does not care how the stream is cut: %d bytes', async (size) => {
    const entries = await read(tar({ name: 'a', body: 'A'.repeat(1024) }, { name: 'b', body: 'B' }), size);
    expect(entries.map(({ content }) => content)).toEqual(['A'.repeat(1024), 'B']);
  });

  it('skips what the consumer did not read', async () => {
    async function* chunks() {
      yield tar({ name: 'a', body: 'A'.repeat(2000) }, { name: 'b', body: 'B' });
    }
    const names: string[] = [];
    for await (const { name, body } of readTar(chunks())) {
      names.push(name);
      for await (const _ of body) break;
    }
    expect(names).toEqual(['a', 'b']);
  });

  it('joins the prefix of ustar', async () => {
    expect((await first({ name: 'file', prefix: 'some/directory' })).name).toBe('some/directory/file');
  });

  it('reads long names of GNU tar', async () => {
    const long = `${'d/'.repeat(100)}file`;
    const archive = Buffer.concat([
      member({ name: '././@LongLink', type: 'L', body: `${long}\0` }),
      member({ name: '././@LongLink', type: 'K', body: `${long}.target\0` }),
      tar({ name: 'cut', type: '2' }, { name: 'next' }),
    ]);
    expect(await read(archive)).toMatchObject([
      { name: long, linkName: `${long}.target` },
      { name: 'next', linkName: '' },
    ]);
  });

  it('reads pax records for one entry, global ones for all', async () => {
    const global = pax({ uid: '77' });
    const archive = Buffer.concat([
      header({ name: 'g', type: 'g' }, global.length),
      padded(global),
      tar({ name: 'x', pax: { path: 'ünï', mtime: '12.5', gid: '3000000000', uid: '5' }, body: 'b' }, { name: 'y' }),
    ]);
    const entries = await read(archive);
    expect(Buffer.from(entries[0]?.name ?? '', 'latin1').toString()).toBe('ünï');
    expect(entries[0]).toMatchObject({ mtime: 12_500_000_000n, gid: 3_000_000_000, uid: 5, content: 'b' });
    expect(entries[1]).toMatchObject({ name: 'y', uid: 77, mtime: 0n });
  });

  it('takes the size from a pax record, which octal digits cannot hold', async () => {
    expect((await first({ name: 'x', pax: { size: '3' }, body: 'abc', size: 0 })).content).toBe('abc');
  });

  it('keeps binary extended attributes', async () => {
    const value = Buffer.from([1, 0, 0, 2, 0xff, 10, 0x3d]);
    const { attributes } = await first({
      name: 'x',
      pax: { 'SCHILY.xattr.security.capability': value, 'LIBARCHIVE.xattr.user.a%20b': 'AP8=' },
    });
    expect(attributes.get('security.capability')).toEqual(value);
    expect(attributes.get('user.a b')).toEqual(Buffer.from([0, 255]));
  });

  it('reads where the pieces of a sparse file belong', async () => {
    const map = Buffer.alloc(512);
    map.write('2\n0\n1\n1000\n2\n');
    const entries = await read(
      tar(
        {
          name: 'x',
          pax: { 'GNU.sparse.map': '3,2,100,1', 'GNU.sparse.size': '200', 'GNU.sparse.name': 'real' },
          body: 'abc',
        },
        {
          name: 'y',
          pax: { 'GNU.sparse.major': '1', 'GNU.sparse.realsize': '5000' },
          body: Buffer.concat([map, Buffer.from('abc')]),
        },
        { name: 'z', body: 'next' },
      ),
    );
    expect(entries).toMatchObject([
      {
        name: 'real',
        size: 200,
        content: 'abc',
        segments: [
          { offset: 3, length: 2 },
          { offset: 100, length: 1 },
        ],
      },
      {
        name: 'y',
        size: 5000,
        content: 'abc',
        segments: [
          { offset: 0, length: 1 },
          { offset: 1000, length: 2 },
        ],
      },
      { name: 'z', content: 'next' },
    ]);
  });

  it('reads numbers in base 256', async () => {
    const block = header({ name: 'x' }, 0);
    block.set([0x80, 0, 0, 0, 0xee, 0x6b, 0x28, 0], 108);
    block.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 136);
    const entries = await read(Buffer.concat([sealed(block), Buffer.alloc(1024)]));
    expect(entries).toMatchObject([{ uid: 4_000_000_000, mtime: -1_000_000_000n }]);
  });

  const sparse = (map: string, size: number) => ({ 'GNU.sparse.map': map, 'GNU.sparse.size': String(size) });
  const whole = tar({ name: 'a', body: 'A'.repeat(600) }, { name: 'b' });
  it.each([1, 511, 512, 700, 1535, 1536, 2047, 2048])('refuses an archive cut after %d bytes', async (length) => {
    await expect(read(whole.subarray(0, length))).rejects.toThrow('it was cut');
  });

  it.each<[string, Buffer, string]>([
    ['text', Buffer.from('hello\n'.repeat(200)), 'not a tar file'],
    ['a changed header', Buffer.concat([Buffer.from('X'), whole.subarray(1)]), 'wrong checksum'],
    ['sparse entries of an old kind', tar({ name: 'x', pax: { 'GNU.sparse.size': '1' } }), '--sparse'],
    [
      'a sparse map that says too little',
      tar({ name: 'x', pax: sparse('0,1', 9), body: 'ab' }),
      'map of a sparse file',
    ],
    ['a sparse map that goes back', tar({ name: 'x', pax: sparse('5,1,4,1', 9), body: 'ab' }), 'map of a sparse file'],
    ['a sparse map beyond the file', tar({ name: 'x', pax: sparse('8,2', 9), body: 'ab' }), 'map of a sparse file'],
    ['a sparse map of words', tar({ name: 'x', pax: sparse('a,b', 9), body: 'ab' }), 'invalid number'],
    [
      'a sparse map that is longer than its data',
      tar({ name: 'x', pax: { 'GNU.sparse.major': '1' }, body: '9\n' }),
      'map of a sparse file',
    ],
    ['an unknown type', tar({ name: 'x', type: 'Q' }), 'unknown type "Q"'],
    ['a size below zero', tar({ name: 'x', pax: { size: '-1' } }), 'impossible size'],
    ['a size beyond numbers', tar({ name: 'x', pax: { size: '99999999999999999999' } }), 'impossible size'],
    ['a bad number', tar({ name: 'x', pax: { uid: 'root' } }), 'invalid number'],
    [
      'a huge extended header',
      Buffer.concat([header({ name: 'x', type: 'x' }, 1 << 21), Buffer.alloc(1 << 21)]),
      'extended header',
    ],
  ])('refuses %s', async (_, archive, message) => {
    await expect(read(archive)).rejects.toThrow(message);
  });
});

describe('parsePax', () => {
  it.each(['5 a=b', '99 a=b\n', '6 a=b\n\n', 'x', '5 =b\n', '06 a=b\n'])('refuses %j', (text) => {
    expect(() => parsePax(Buffer.from(text))).toThrow('extended header');
  });
  it('takes values with newlines and equal signs', () => {
    expect([...parsePax(pax({ key: 'a=b\nc', other: '' }))]).toEqual([
      ['key', 'a=b\nc'],
      ['other', ''],
    ]);
  });
});

it('paxTime keeps nanoseconds, also before the epoch', () => {
  expect(paxTime('1.000000001')).toBe(1_000_000_001n);
  expect(paxTime('-1.5')).toBe(-1_500_000_000n);
  expect(paxTime('7.1234567899')).toBe(7_123_456_789n);
  expect(() => paxTime('now')).toThrow('invalid time');
});
