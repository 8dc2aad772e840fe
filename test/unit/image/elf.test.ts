import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseElf, readElf } from '../../../core/image/from-host/elf.js';
import { compareNames, ldCache } from '../../../core/image/from-host/ld-cache.js';

const at = (bytes: Buffer) => (offset: number, length: number) => bytes.subarray(offset, offset + length);

describe('readElf', () => {
  it('reads the running Node: a dynamic program', () => {
    const elf = readElf(process.execPath);
    expect(elf).toMatchObject({ bits: 64, interpreter: expect.stringMatching(/^\/lib.*\/ld-/) });
    expect(elf?.needed).toEqual(expect.arrayContaining([expect.stringMatching(/^libc\./)]));
  });

  it('reads the loader itself, which needs nothing', () => {
    const loader = readElf(process.execPath)?.interpreter as string;
    expect(readElf(loader)).toMatchObject({ needed: [], interpreter: undefined });
  });

  it('is undefined for scripts, short and empty files', () => {
    expect(readElf('/etc/passwd')).toBeUndefined();
    expect(parseElf(at(Buffer.from('\x7fELF')))).toBeUndefined();
    expect(parseElf(at(Buffer.alloc(0)))).toBeUndefined();
    expect(readElf('/dev/null')).toBeUndefined();
  });

  it('never reads beyond a damaged file', () => {
    const whole = readFileSync(readElf(process.execPath)?.interpreter as string);
    for (const length of [64, 100, 200, 1000])
      expect(() => parseElf(at(whole.subarray(0, length)))).toThrow(RangeError);
  });
});

/** A program made by hand: one segment, a dynamic table, strings. */
function handmade(bits: 32 | 64, entries: [number, string][]): Buffer {
  const file = Buffer.alloc(4096);
  file.write('\x7fELF', 0, 'latin1');
  file.set([bits === 64 ? 2 : 1, 1, 1], 4);
  file.writeUInt16LE(bits === 64 ? 62 : 3, 18);
  const [phoff, phentsize, base] = bits === 64 ? [64, 56, 0x400000] : [52, 32, 0x8048000];
  if (bits === 64) file.writeBigUInt64LE(BigInt(phoff), 32);
  else file.writeUInt32LE(phoff, 28);
  file.writeUInt16LE(phentsize, bits === 64 ? 54 : 42);
  file.writeUInt16LE(2, bits === 64 ? 56 : 44);
  const word = (value: number, offset: number) =>
    bits === 64 ? file.writeBigUInt64LE(BigInt(value), offset) : file.writeUInt32LE(value, offset);
  const segment = (index: number, type: number, offset: number, size: number) => {
    const start = phoff + index * phentsize;
    file.writeUInt32LE(type, start);
    word(offset, start + (bits === 64 ? 8 : 4));
    word(base + offset, start + (bits === 64 ? 16 : 8));
    word(size, start + (bits === 64 ? 32 : 16));
  };
  let text = '\0';
  const table: [number, number][] = entries.map(([tag, value]) => {
    text += `${value}\0`;
    return [tag, text.length - value.length - 1];
  });
  file.write(text, 2048, 'latin1');
  table.push([5, base + 2048], [10, text.length], [0, 0]);
  const width = bits / 8;
  for (const [index, [tag, value]] of table.entries()) {
    word(tag, 1024 + index * width * 2);
    word(value, 1024 + index * width * 2 + width);
  }
  segment(0, 1, 0, 4096);
  segment(1, 2, 1024, table.length * width * 2);
  return file;
}

it.each([32, 64] as const)('parseElf reads names and search paths, %d bits', (bits) => {
  const file = handmade(bits, [
    [1, 'liba.so.1'],
    [1, 'libb.so'],
    [15, '$ORIGIN/../lib:/opt/lib'],
    [29, '/run/path'],
  ]);
  expect(parseElf(at(file))).toEqual({
    bits,
    machine: bits === 64 ? 62 : 3,
    interpreter: undefined,
    needed: ['liba.so.1', 'libb.so'],
    rpath: ['$ORIGIN/../lib', '/opt/lib'],
    runpath: ['/run/path'],
  });
});

describe('ldCache', () => {
  it('orders names as the loader searches them', () => {
    const names = ['libz.so.1', 'libc.so.6', 'liba.so.10', 'liba.so.9', 'lib1.so', 'liba.so'];
    expect(names.sort(compareNames)).toEqual([
      'liba.so',
      'liba.so.9',
      'liba.so.10',
      'libc.so.6',
      'libz.so.1',
      'lib1.so',
    ]);
  });

  it('points from entries to names and paths', () => {
    const elf = { bits: 64, machine: 62, interpreter: undefined, needed: [], rpath: [], runpath: [] } as const;
    const cache = ldCache([
      { name: 'liba.so.1', path: '/opt/liba.so.1', elf },
      { name: 'libb.so', path: '/usr/lib/libb.so', elf },
    ]);
    const text = (offset: number) => cache.toString('latin1', offset, cache.indexOf(0, offset));
    expect(cache.readUInt32LE(20)).toBe(2);
    expect([0, 1].map((i) => [text(cache.readUInt32LE(52 + i * 24)), text(cache.readUInt32LE(56 + i * 24))])).toEqual([
      ['libb.so', '/usr/lib/libb.so'],
      ['liba.so.1', '/opt/liba.so.1'],
    ]);
    expect(cache.readUInt32LE(24)).toBe(cache.length - 48 - 48);
  });
});
