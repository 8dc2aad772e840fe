import type { ByteSource } from './byte-source.js';
import { type PaxRecords, parsePax, paxAttributes, paxTime } from './pax.js';
import type { TarEntryType, TarMember } from './tar-entry.js';
import { TarError } from './tar-error.js';
import { padded, sizeOf, type TarHeader } from './tar-header.js';

const TYPES: Readonly<Record<string, TarEntryType>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
};
/** Long names and extended headers are read into memory. */
const MAX_EXTENSION = 1 << 20;

/** The headers that say more about the member after them. */
export class Extensions {
  readonly #source: ByteSource;
  #global: PaxRecords = new Map();
  #local: PaxRecords = new Map();
  #longName: string | undefined;
  #longLink: string | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Takes in an extension; false for a member. */
  async consume({ type, size }: TarHeader): Promise<boolean> {
    if (type === 'L') this.#longName = cut(await this.#body(size));
    else if (type === 'K') this.#longLink = cut(await this.#body(size));
    else if (type === 'x' || type === 'X') this.#local = parsePax(await this.#body(size));
    else if (type === 'g') this.#global = new Map([...this.#global, ...parsePax(await this.#body(size))]);
    // A volume label is no file.
    else if (type === 'V') await this.#source.skip(padded(size));
    else return false;
    return true;
  }

  /** A member with what was said about it; the next one starts anew. `size` is that of its data. */
  apply(header: TarHeader): { readonly member: TarMember; readonly records: PaxRecords } {
    const records = new Map([...this.#global, ...this.#local]);
    const name = records.get('GNU.sparse.name') || records.get('path') || this.#longName || header.name;
    const linkName = records.get('linkpath') || this.#longLink || header.linkName;
    this.#local = new Map();
    this.#longName = this.#longLink = undefined;
    return { member: { ...described(header, name, records), name, linkName }, records };
  }

  async #body(size: number): Promise<Buffer> {
    if (size > MAX_EXTENSION) throw new TarError(`it is damaged: an extended header of ${size} bytes`);
    return (await this.#source.read(padded(size))).subarray(0, size);
  }
}

function described(header: TarHeader, name: string, records: PaxRecords): Omit<TarMember, 'name' | 'linkName'> {
  const type = typeOf(header, name);
  const { mode, major, minor } = header;
  const mtime = records.get('mtime');
  return {
    type,
    mode: mode & 0o7777,
    uid: decimal(records.get('uid')) ?? header.uid,
    gid: decimal(records.get('gid')) ?? header.gid,
    size: sizeOf(type === 'file' ? (decimal(records.get('size')) ?? header.size) : 0),
    mtime: mtime ? paxTime(mtime) : BigInt(header.mtime) * 1_000_000_000n,
    major,
    minor,
    attributes: paxAttributes(records),
  };
}

function typeOf({ type }: TarHeader, name: string): TarEntryType {
  const known = TYPES[type];
  if (!known) throw new TarError(`it has an entry of the unknown type ${JSON.stringify(type)}`);
  // The oldest format had no type for directories.
  return known === 'file' && type !== '7' && name.endsWith('/') ? 'directory' : known;
}

/** A pax number; undefined when it is not there. @throws TarError */
export function decimal(value: string | undefined): number | undefined {
  if (!value) return undefined;
  if (!/^-?[0-9]+$/.test(value)) throw new TarError('it is damaged: an extended header holds an invalid number');
  return Number(value);
}

function cut(body: Buffer): string {
  const text = body.toString('latin1');
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
