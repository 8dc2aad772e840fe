import { TarError } from './tar-error.js';

export const BLOCK = 512;

/**
 * One header block: pax(1), ustar interchange format, with GNU tar's numbers. File names are bytes,
 * not text: they are kept as latin1 strings, one character a byte.
 */
export interface TarHeader {
  readonly name: string;
  readonly linkName: string;
  /** The type flag: `0` file, `1` hard link, `2` link, `3` `4` devices, `5` directory, `6` fifo … */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes that follow. */
  readonly size: number;
  /** Seconds. */
  readonly mtime: number;
  readonly major: number;
  readonly minor: number;
}

/** Reads a header; undefined for a block of zeros, the end. @throws TarError for anything else */
export function readHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (!hasChecksum(block)) throw new TarError('it is not a tar file, or is damaged: a header has a wrong checksum');
  const posix = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = posix ? text(block, 345, 155) : '';
  const name = text(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: text(block, 157, 100),
    type: block.toString('latin1', 156, 157),
    mode: readNumber(block, 100, 8),
    uid: readNumber(block, 108, 8),
    gid: readNumber(block, 116, 8),
    size: sizeOf(readNumber(block, 124, 12)),
    mtime: readNumber(block, 136, 12),
    major: readNumber(block, 329, 8),
    minor: readNumber(block, 337, 8),
  };
}

/** A length in an archive. @throws TarError for what is none */
export function sizeOf(size: number): number {
  if (Number.isSafeInteger(size) && size >= 0) return size;
  throw new TarError('it is damaged: an entry has an impossible size');
}

/** The sum of all bytes, those of the sum itself counted as spaces; old programs summed signed bytes. */
function hasChecksum(block: Buffer): boolean {
  let unsigned = 0;
  let signed = 0;
  for (let index = 0; index < BLOCK; index++) {
    const byte = index >= 148 && index < 156 ? 0x20 : (block[index] as number);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const stored = /^[ \0]*([0-7]+)[ \0]*$/.exec(block.toString('latin1', 148, 156))?.[1];
  const sum = Number.parseInt(stored ?? '', 8);
  return sum === unsigned || sum === signed;
}

function text(block: Buffer, offset: number, length: number): string {
  const field = block.toString('latin1', offset, offset + length);
  const end = field.indexOf('\0');
  return end < 0 ? field : field.slice(0, end);
}

/** A length with what fills up its last block. */
export function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

/** Octal digits, or GNU's base 256 (two's complement, first bit set) for what does not fit. */
export function readNumber(block: Buffer, offset: number, length: number): number {
  const first = block[offset] as number;
  if (first & 0x80) return base256(block.subarray(offset, offset + length));
  const digits = text(block, offset, length).trim();
  if (digits === '') return 0;
  if (!/^[0-7]+$/.test(digits)) throw new TarError('it is damaged: a header holds an invalid number');
  return Number.parseInt(digits, 8);
}

function base256(field: Buffer): number {
  const negative = (field[0] as number) & 0x40 ? 1n << BigInt(field.length * 8 - 1) : 0n;
  let value = BigInt((field[0] as number) & 0x7f);
  for (const byte of field.subarray(1)) value = (value << 8n) | BigInt(byte);
  return Number(value - negative);
}
