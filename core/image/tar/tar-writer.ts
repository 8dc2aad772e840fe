import { headerBlocks } from './header-writer.js';
import { type SparseForm, sparseForm } from './sparse-writer.js';
import type { Segment, TarEntry } from './tar-entry.js';
import { BLOCK, padded } from './tar-header.js';

const ZEROS = Buffer.alloc(256 * 1024);
/** Blocks of an archive come in tens: tar(5), "record". */
const RECORD = 20 * BLOCK;

/**
 * Writes an archive as pax(1) has it, one piece after the other: nothing is held in memory but the piece. Names
 * and extended attributes are bytes, which is why no package does it: those at hand take text. A file that is
 * shorter by now than its header said is filled up with zeros, as GNU tar does.
 */
export async function* writeTar(entries: AsyncIterable<TarEntry>): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const entry of entries) {
    for await (const piece of writeEntry(entry)) {
      length += piece.length;
      yield piece;
    }
  }
  // Two blocks of zeros are the end.
  yield* zeros(padded(2 * BLOCK) + ((RECORD - ((length + 2 * BLOCK) % RECORD)) % RECORD));
}

async function* writeEntry(entry: TarEntry): AsyncGenerator<Buffer> {
  const sparse = entry.type === 'file' ? sparseForm(entry) : undefined;
  const stored = entry.type !== 'file' ? 0 : (sparse?.stored ?? entry.size);
  yield headerBlocks(entry, stored, sparse?.records);
  if (entry.type !== 'file') return;
  let written = 0;
  for await (const piece of content(entry, sparse)) {
    const rest = piece.subarray(0, stored - written);
    written += rest.length;
    yield rest;
  }
  yield* zeros(padded(stored) - written);
}

async function* content(entry: TarEntry, sparse: SparseForm | undefined): AsyncGenerator<Buffer> {
  if (sparse) {
    yield sparse.map;
    yield* entry.body;
  } else if (entry.segments) {
    yield* expanded(entry.body, entry.segments);
  } else {
    yield* entry.body;
  }
}

/** Holes as zeros, between the pieces that there are. */
async function* expanded(body: AsyncIterable<Buffer>, segments: readonly Segment[]): AsyncGenerator<Buffer> {
  let at = 0;
  const left = segments.filter(({ length }) => length > 0).map(({ offset, length }) => ({ offset, length }));
  for await (const piece of body) {
    for (let rest = piece; rest.length > 0; ) {
      const segment = left[0];
      if (!segment) return;
      yield* zeros(segment.offset - at);
      const part = rest.subarray(0, segment.length);
      yield part;
      at = segment.offset + part.length;
      rest = rest.subarray(part.length);
      segment.offset = at;
      segment.length -= part.length;
      if (segment.length === 0) left.shift();
    }
  }
}

function* zeros(length: number): Generator<Buffer> {
  for (let left = length; left > 0; left -= ZEROS.length) yield ZEROS.subarray(0, left);
}
