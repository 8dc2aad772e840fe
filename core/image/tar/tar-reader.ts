import { ByteSource } from './byte-source.js';
import { type PaxRecords, parsePax, paxAttributes, paxTime } from './pax.js';
import { TarError } from './tar-error.js';
import { BLOCK, readHeader, sizeOf, type TarHeader } from './tar-header.js';

export type TarEntryType = 'file' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo';

/** One member of an archive. Names are bytes, kept as latin1 strings. */
export interface TarEntry {
  readonly type: TarEntryType;
  readonly name: string;
  readonly linkName: string;
  /** Permission bits, with set-user-id and the like. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Nanoseconds since the epoch. */
  readonly mtime: bigint;
  readonly major: number;
  readonly minor: number;
  readonly attributes: ReadonlyMap<string, Buffer>;
  /** The content; what is not read of it is skipped. */
  readonly body: AsyncIterable<Buffer>;
}

const TYPES: Readonly<Record<string, TarEntryType>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
};
/** Long names and extended headers are read into memory. */
const MAX_EXTENSION = 1 << 20;
const SPARSE = 'it has sparse entries; pack it again without --sparse';

/**
 * Reads the entries of an archive: v7, ustar, pax and GNU formats.
 * An archive without its end mark is taken for one that was cut.
 * @throws TarError
 */
export async function* readTar(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const source = new ByteSource(chunks);
  try {
    yield* readEntries(source);
    await source.drain();
  } finally {
    await source.close();
  }
}

async function* readEntries(source: ByteSource): AsyncGenerator<TarEntry> {
  const extensions = new Extensions(source);
  for (;;) {
    const header = readHeader(await source.read(BLOCK));
    if (!header) return;
    if (await extensions.consume(header)) continue;
    const entry = extensions.apply(header);
    if (!entry) {
      await source.skip(padded(header.size));
      continue;
    }
    const body = new Body(source, entry.size);
    yield { ...entry, body };
    await source.skip(body.unread + padded(entry.size) - entry.size);
  }
}

/** An entry's content, with a count of what was not read. */
class Body implements AsyncIterable<Buffer> {
  readonly #source: ByteSource;

  constructor(
    source: ByteSource,
    public unread: number,
  ) {
    this.#source = source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for await (const piece of this.#source.take(this.unread)) {
      this.unread -= piece.length;
      yield piece;
    }
  }
}

/** The headers that say more about the entry after them. */
class Extensions {
  readonly #source: ByteSource;
  #global: PaxRecords = new Map();
  #local: PaxRecords = new Map();
  #longName: string | undefined;
  #longLink: string | undefined;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** Takes in an extension; false for an entry. */
  async consume({ type, size }: TarHeader): Promise<boolean> {
    if (type === 'L') this.#longName = cut(await this.#body(size));
    else if (type === 'K') this.#longLink = cut(await this.#body(size));
    else if (type === 'x' || type === 'X') this.#local = parsePax(await this.#body(size));
    else if (type === 'g') this.#global = new Map([...this.#global, ...parsePax(await this.#body(size))]);
    else return false;
    return true;
  }

  /** The entry with what was said about it; undefined for a type that is not a file. */
  apply(header: TarHeader): Omit<TarEntry, 'body'> | undefined {
    const records = new Map([...this.#global, ...this.#local]);
    const name = records.get('path') || this.#longName || header.name;
    const linkName = records.get('linkpath') || this.#longLink || header.linkName;
    this.#local = new Map();
    this.#longName = this.#longLink = undefined;
    if (header.type === 'V') return undefined;
    if (header.type === 'S' || [...records.keys()].some((key) => key.startsWith('GNU.sparse.'))) throw new TarError(SPARSE);
    const type = typeOf(header, name);
    const { mode, major, minor } = header;
    return {
      type,
      name,
      linkName,
      mode: mode & 0o7777,
      uid: decimal(records.get('uid')) ?? header.uid,
      gid: decimal(records.get('gid')) ?? header.gid,
      size: sizeOf(type === 'file' ? (decimal(records.get('size')) ?? header.size) : 0),
      mtime: records.get('mtime') ? paxTime(records.get('mtime') as string) : BigInt(header.mtime) * 1_000_000_000n,
      major,
      minor,
      attributes: paxAttributes(records),
    };
  }

  async #body(size: number): Promise<Buffer> {
    if (size > MAX_EXTENSION) throw new TarError(`it is damaged: an extended header of ${size} bytes`);
    return (await this.#source.read(padded(size))).subarray(0, size);
  }
}

function typeOf({ type }: TarHeader, name: string): TarEntryType {
  const known = TYPES[type];
  if (!known) throw new TarError(`it has an entry of the unknown type ${JSON.stringify(type)}`);
  // The oldest format had no type for directories.
  return known === 'file' && type !== '7' && name.endsWith('/') ? 'directory' : known;
}

function decimal(value: string | undefined): number | undefined {
  if (!value) return undefined;
  if (!/^-?[0-9]+$/.test(value)) throw new TarError('it is damaged: an extended header holds an invalid number');
  return Number(value);
}

function cut(body: Buffer): string {
  const text = body.toString('latin1');
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}
