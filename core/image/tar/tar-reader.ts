import { ByteSource } from './byte-source.js';
import { readSparse } from './sparse.js';
import type { TarEntry } from './tar-entry.js';
import { Extensions } from './tar-extensions.js';
import { BLOCK, padded, readHeader } from './tar-header.js';

/**
 * Reads the entries of an archive: v7, ustar, pax and GNU formats, sparse files included.
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
    const block = await source.read(BLOCK);
    const header = readHeader(block);
    if (!header) return;
    if (await extensions.consume(header)) continue;
    const { member, records } = extensions.apply(header);
    const stored = member.size;
    const sparse = member.type === 'file' ? await readSparse(header.type, block, records, stored, source) : undefined;
    const body = new Body(source, stored - (sparse?.consumed ?? 0));
    yield sparse ? { ...member, size: sparse.size, segments: sparse.segments, body } : { ...member, body };
    await source.skip(body.unread + padded(stored) - stored);
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
