import { checkedText } from '../gate.js';

/** Netlink attributes: length, type, value, padded to four bytes. netlink(7), `linux/netlink.h`. */
const HEADER_SIZE = 4;
const NLA_F_NESTED = 0x8000;
const NLA_TYPE_MASK = 0x3fff;
const MAX_LENGTH = 0xffff;

/** Rounds up to netlink's alignment of four bytes. */
export const align = (length: number): number => (length + 3) & ~3;

/** One attribute. @throws RangeError when the value is longer than its 16-bit length can say. */
export function attribute(type: number, value: Uint8Array): Buffer {
  const length = HEADER_SIZE + value.length;
  if (length > MAX_LENGTH) throw new RangeError(`netlink attribute ${type} of ${length} bytes`);
  const bytes = Buffer.alloc(align(length));
  bytes.writeUInt16LE(length, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.set(value, HEADER_SIZE);
  return bytes;
}

/** An attribute that holds attributes. */
export function nested(type: number, attributes: readonly Uint8Array[]): Buffer {
  return attribute(type | NLA_F_NESTED, Buffer.concat(attributes));
}

/** Text, NUL-terminated. */
export function textAttribute(type: number, text: string): Buffer {
  return attribute(type, Buffer.from(`${checkedText(text)}\0`));
}

/** A number in the host's byte order, as rtnetlink has them. */
export function u32Attribute(type: number, value: number): Buffer {
  return attribute(type, u32(value));
}

/** A number in network byte order, as nf_tables has all of them. */
export function be32Attribute(type: number, value: number): Buffer {
  return attribute(type, be32(value));
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function be32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** The attributes in `bytes` by type; of a type that is there twice, the last. */
export function parseAttributes(bytes: Buffer): Map<number, Buffer> {
  return new Map(listAttributes(bytes));
}

/** The attributes in `bytes` in order, for lists whose elements all have one type. */
export function listAttributes(bytes: Buffer): [type: number, value: Buffer][] {
  const found: [number, Buffer][] = [];
  for (let at = 0; at + HEADER_SIZE <= bytes.length; ) {
    const length = bytes.readUInt16LE(at);
    if (length < HEADER_SIZE || at + length > bytes.length) break;
    found.push([bytes.readUInt16LE(at + 2) & NLA_TYPE_MASK, bytes.subarray(at + HEADER_SIZE, at + length)]);
    at += align(length);
  }
  return found;
}

/** The text of an attribute, up to its NUL. */
export function textOf(value: Buffer | undefined): string | undefined {
  if (!value) return undefined;
  const end = value.indexOf(0);
  return value.toString('utf8', 0, end < 0 ? value.length : end);
}
