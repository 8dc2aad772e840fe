import { execFileSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { TarEntry, TarMember } from '../../../core/image/tar/tar-entry.js';
import { readTar } from '../../../core/image/tar/tar-reader.js';
import { writeTar } from '../../../core/image/tar/tar-writer.js';

type Given = Partial<TarMember> & { readonly data?: readonly string[]; readonly segments?: TarEntry['segments'] };

function entry({ data = [], segments, ...more }: Given): TarEntry {
  const body = Readable.from(data.map((text) => Buffer.from(text)));
  const size = data.join('').length;
  const member = { type: 'file', name: 'f', linkName: '', mode: 0o644, uid: 0, gid: 0, size, mtime: 0n } as const;
  return { ...member, major: 0, minor: 0, attributes: new Map(), ...more, ...(segments && { segments }), body };
}

async function written(...given: readonly Given[]): Promise<Buffer> {
  return buffer(Readable.from(writeTar(Readable.from(given.map(entry)))));
}

interface ReadBack extends TarMember {
  readonly data: string;
  readonly segments?: TarEntry['segments'];
}

async function readBack(archive: Buffer): Promise<ReadBack[]> {
  const found: ReadBack[] = [];
  for await (const { body, ...member } of readTar(Readable.from([archive]))) {
    const pieces: Buffer[] = [];
    for await (const piece of body) pieces.push(piece);
    found.push({ ...member, data: Buffer.concat(pieces).toString() });
  }
  return found;
}

describe('an archive that is written', () => {
  it.each<[string, Given]>([
    [
      'a file in pieces',
      { data: ['one ', 'two'], mode: 0o4755, uid: 1000, gid: 100, mtime: 1_700_000_000_000_000_000n },
    ],
    ['a long name and link', { type: 'symlink', name: 'n/'.repeat(200), linkName: 'l'.repeat(1000) }],
    ['bytes that are no UTF-8', { name: '\xff\xfe\n'.repeat(50), linkName: '' }],
    ['large owners', { uid: 4_294_967_294, gid: 2_097_152 }],
    ['a time with nanoseconds', { mtime: 1_700_000_000_123_456_789n }],
    ['a time before 1970', { mtime: -1_500_000_000n }],
    ['a device', { type: 'block', major: 4095, minor: 1_048_575 }],
    [
      'attributes of any bytes',
      {
        attributes: new Map([
          ['user.a', Buffer.from([0, 10, 255, 61])],
          ['user.b=c', Buffer.from('=')],
        ]),
      },
    ],
  ])('is read as it was: %s', async (_, given) => {
    const { body: __, ...wanted } = entry(given);
    expect(await readBack(await written(given))).toEqual([{ ...wanted, data: (given.data ?? []).join('') }]);
  });

  it('is read by GNU tar', async () => {
    const archive = await written(
      { type: 'directory', name: 'd/', mode: 0o700 },
      { name: `d/${'long'.repeat(40)}`, data: ['x'.repeat(1000)], mtime: 1_000_000_000_250_000_000n },
      { type: 'hardlink', name: 'again', linkName: `d/${'long'.repeat(40)}` },
    );
    expect(archive.length % 10_240).toBe(0);
    const list = execFileSync('tar', ['-t', '-v', '--full-time', '--utc'], { input: archive, encoding: 'utf8' });
    expect(list.replaceAll(/ +/g, ' ')).toBe(
      'drwx------ 0/0 0 1970-01-01 00:00:00 d/\n' +
        `-rw-r--r-- 0/0 1000 2001-09-09 01:46:40.25 d/${'long'.repeat(40)}\n` +
        `hrw-r--r-- 0/0 0 1970-01-01 00:00:00 again link to d/${'long'.repeat(40)}\n`,
    );
  });

  it('has no bytes for the holes of a large file', async () => {
    const segments = [
      { offset: 1000, length: 3 },
      { offset: 500_000_000, length: 3 },
    ];
    const archive = await written({ name: 'sparse', size: 1_000_000_000, segments, data: ['abc', 'def'] });
    expect(archive.length).toBeLessThan(20_000);
    const [found] = await readBack(archive);
    expect(found).toMatchObject({ name: 'sparse', size: 1_000_000_000, data: 'abcdef' });
    expect(found?.segments).toEqual([...segments, { offset: 1_000_000_000, length: 0 }]);
  });

  it('has zeros for small holes', async () => {
    const segments = [
      { offset: 2, length: 2 },
      { offset: 6, length: 1 },
    ];
    const archive = await written({ size: 8, segments, data: ['ab', 'c'] });
    expect(await readBack(archive)).toMatchObject([{ size: 8, data: '\0\0ab\0\0c\0' }]);
  });

  it('is whole where a file became shorter or longer while it was read', async () => {
    const archive = await written({ name: 'a', size: 1000, data: ['short'] }, { name: 'b', size: 3, data: ['longer'] });
    expect(await readBack(archive)).toMatchObject([
      { name: 'a', size: 1000, data: `short${'\0'.repeat(995)}` },
      { name: 'b', size: 3, data: 'lon' },
    ]);
  });
});
