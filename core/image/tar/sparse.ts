import type { ByteSource } from './byte-source.js';
import type { PaxRecords } from './pax.js';
import type { Segment } from './tar-entry.js';
import { TarError } from './tar-error.js';
import { decimal } from './tar-extensions.js';
import { BLOCK, readNumber, sizeOf } from './tar-header.js';

/** What is known of a sparse file before its data. */
export interface SparseLayout {
  /** Of the file, with its holes. */
  readonly size: number;
  readonly segments: readonly Segment[];
  /** Bytes of data that were the map itself and are read already. */
  readonly consumed: number;
}

const MAX_SEGMENTS = 1 << 20;
const PAIR_SIZE = 24;
const IN_HEADER = { at: 386, count: 4, more: 482, size: 483 };
const IN_BLOCK = { at: 0, count: 21, more: 504 };

/**
 * Where the pieces of a sparse file belong; undefined for an ordinary one. GNU tar writes this in
 * one of three ways: in the header and blocks after it, in a pax record (0.1), or before the data (1.0).
 * @param stored bytes of data in the archive
 * @throws TarError
 */
export async function readSparse(
  type: string,
  block: Buffer,
  records: PaxRecords,
  stored: number,
  source: ByteSource,
): Promise<SparseLayout | undefined> {
  if (type === 'S') return checked(await fromHeader(block, source), readNumber(block, IN_HEADER.size, 12), 0, stored);
  if (records.get('GNU.sparse.major') === '1') {
    const { numbers, consumed } = await mapBeforeData(source, stored);
    return checked(numbers, decimal(records.get('GNU.sparse.realsize')) ?? -1, consumed, stored);
  }
  const map = records.get('GNU.sparse.map');
  const size = decimal(records.get('GNU.sparse.size'));
  if (map !== undefined)
    return checked(
      map.split(',').map((it) => decimal(it) ?? -1),
      size ?? -1,
      0,
      stored,
    );
  if (size !== undefined) throw new TarError('it has sparse entries of an old kind; pack it again without --sparse');
  return undefined;
}

async function fromHeader(header: Buffer, source: ByteSource): Promise<number[]> {
  const numbers = pairs(header, IN_HEADER);
  for (let more = header[IN_HEADER.more] !== 0; more; ) {
    const block = await source.read(BLOCK);
    numbers.push(...pairs(block, IN_BLOCK));
    more = block[IN_BLOCK.more] !== 0;
    if (numbers.length > 2 * MAX_SEGMENTS) throw new TarError('it is damaged: a map of a sparse file never ends');
  }
  return numbers;
}

function pairs(block: Buffer, { at, count }: { at: number; count: number }): number[] {
  const numbers: number[] = [];
  for (let offset = at; offset < at + count * PAIR_SIZE && block[offset] !== 0; offset += PAIR_SIZE) {
    numbers.push(readNumber(block, offset, 12), readNumber(block, offset + 12, 12));
  }
  return numbers;
}

/** Decimal numbers, one a line, the count of pairs first, filled up to a whole block. */
async function mapBeforeData(source: ByteSource, stored: number): Promise<{ numbers: number[]; consumed: number }> {
  let text = '';
  let lines: string[] = [];
  do {
    if (text.length + BLOCK > stored || lines.length > 2 * MAX_SEGMENTS) throw new TarError(BROKEN);
    text += (await source.read(BLOCK)).toString('latin1');
    lines = text.split('\n');
  } while (lines.length - 1 < 1 + 2 * Number(lines[0]));
  const numbers = lines.slice(1, 1 + 2 * Number(lines[0])).map((line) => decimal(line) ?? -1);
  return { numbers, consumed: text.length };
}

const BROKEN = 'it is damaged: the map of a sparse file cannot be right';

/** Pairs of offset and length that go up, fit into the file and account for all the data. */
function checked(numbers: readonly number[], size: number, consumed: number, stored: number): SparseLayout {
  const segments: Segment[] = [];
  let end = 0;
  let total = 0;
  for (let index = 0; index < numbers.length; index += 2) {
    const [offset, length] = [numbers[index] ?? -1, numbers[index + 1] ?? -1];
    if (offset < end || length < 0 || offset + length > size) throw new TarError(BROKEN);
    segments.push({ offset, length });
    end = offset + length;
    total += length;
  }
  if (total !== stored - consumed) throw new TarError(BROKEN);
  return { size: sizeOf(size), segments, consumed };
}
