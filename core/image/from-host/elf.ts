import { closeSync, openSync, readSync } from 'node:fs';

/** What the dynamic loader will do for a program or a library: elf(5), ld.so(8). */
export interface ElfFile {
  /** 32 or 64. */
  readonly bits: 32 | 64;
  /** `e_machine`: 62 is x86-64, 183 arm64, 3 i386. */
  readonly machine: number;
  /** Undefined for a static program and for most libraries. */
  readonly interpreter: string | undefined;
  readonly needed: readonly string[];
  readonly rpath: readonly string[];
  readonly runpath: readonly string[];
}

/** Reads bytes of a file; fewer at its end. */
export type ReadAt = (offset: number, length: number) => Buffer;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;
const DT_STRSZ = 10;
const DT_RPATH = 15;
const DT_RUNPATH = 29;
const LITTLE_ENDIAN_DATA = 1;
const MAX_TABLE = 1 << 24;

/** Reads the headers of a file; undefined when it is not ELF of a kind that tsbox runs on. */
export function readElf(path: string): ElfFile | undefined {
  const fd = openSync(path, 'r');
  try {
    return parseElf((offset, length) => {
      const buffer = Buffer.alloc(Math.min(length, MAX_TABLE));
      return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, offset));
    });
  } finally {
    closeSync(fd);
  }
}

/** @throws RangeError for headers that lead out of the file */
export function parseElf(readAt: ReadAt): ElfFile | undefined {
  const header = readAt(0, 64);
  const read = (offset: number, length: number) => exactly(readAt, offset, length);
  if (header.length < 64 || header.toString('latin1', 0, 4) !== '\x7fELF' || header[5] !== LITTLE_ENDIAN_DATA)
    return undefined;
  const bits = header[4] === 2 ? 64 : 32;
  const segments = readSegments(read, header, bits);
  const dynamic = readDynamic(read, segments, bits);
  const strings = readStrings(read, segments, dynamic);
  const texts = (tag: number) =>
    dynamic.filter((entry) => entry.tag === tag).map(({ value }) => stringAt(strings, value));
  const paths = (tag: number) =>
    texts(tag)
      .flatMap((text) => text.split(':'))
      .filter(Boolean);
  return {
    bits,
    machine: header.readUInt16LE(18),
    interpreter: readInterpreter(read, segments),
    needed: texts(DT_NEEDED),
    rpath: paths(DT_RPATH),
    runpath: paths(DT_RUNPATH),
  };
}

function readSegments(read: ReadAt, header: Buffer, bits: 32 | 64): Segment[] {
  const start = bits === 64 ? Number(header.readBigUInt64LE(32)) : header.readUInt32LE(28);
  const size = header.readUInt16LE(bits === 64 ? 54 : 42);
  const count = header.readUInt16LE(bits === 64 ? 56 : 44);
  const table = read(start, size * count);
  return Array.from({ length: count }, (_, index) => {
    const entry = table.subarray(index * size, (index + 1) * size);
    const word = (at64: number, at32: number) =>
      bits === 64 ? Number(entry.readBigUInt64LE(at64)) : entry.readUInt32LE(at32);
    return { type: entry.readUInt32LE(0), offset: word(8, 4), address: word(16, 8), size: word(32, 16) };
  });
}

function readDynamic(read: ReadAt, segments: Segment[], bits: 32 | 64): { tag: number; value: number }[] {
  const segment = segments.find(({ type }) => type === PT_DYNAMIC);
  if (!segment) return [];
  const table = read(segment.offset, segment.size);
  const width = bits === 64 ? 16 : 8;
  const entries: { tag: number; value: number }[] = [];
  for (let at = 0; at + width <= table.length; at += width) {
    const tag = bits === 64 ? Number(table.readBigInt64LE(at)) : table.readInt32LE(at);
    if (tag === 0) break;
    entries.push({ tag, value: bits === 64 ? Number(table.readBigUInt64LE(at + 8)) : table.readUInt32LE(at + 4) });
  }
  return entries;
}

/** The string table is named by its address in memory; the loaded segments say where that is in the file. */
function readStrings(read: ReadAt, segments: Segment[], dynamic: { tag: number; value: number }[]): Buffer {
  const address = dynamic.find(({ tag }) => tag === DT_STRTAB)?.value;
  const size = dynamic.find(({ tag }) => tag === DT_STRSZ)?.value ?? 0;
  if (address === undefined) return Buffer.alloc(0);
  const home = segments.find((it) => it.type === PT_LOAD && address >= it.address && address < it.address + it.size);
  if (!home) throw new RangeError('its string table is in no segment');
  return read(address - home.address + home.offset, size);
}

function readInterpreter(read: ReadAt, segments: Segment[]): string | undefined {
  const segment = segments.find(({ type }) => type === PT_INTERP);
  return segment && stringAt(read(segment.offset, Math.min(segment.size, 4096)), 0);
}

function exactly(read: ReadAt, offset: number, length: number): Buffer {
  const bytes = read(offset, length);
  if (bytes.length < length) throw new RangeError('its headers lead out of the file');
  return bytes;
}

function stringAt(table: Buffer, offset: number): string {
  const end = table.indexOf(0, offset);
  if (offset >= table.length || end < 0) throw new RangeError('a string leads out of its table');
  return table.toString('utf8', offset, end);
}
