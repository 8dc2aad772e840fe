import type { TarEntry } from './tar-entry.js';
import { padded } from './tar-header.js';

/** Fewer bytes of holes are written as zeros, which every program reads. */
const WORTH_IT = 1024 * 1024;

/** How a sparse file is written: GNU tar's format 1.0, a map before the data. */
export interface SparseForm {
  /** Of the extended header. */
  readonly records: readonly (readonly [string, string])[];
  /** Decimal numbers, one a line, the count of pairs first, filled up to a whole block. */
  readonly map: Buffer;
  /** Bytes in the archive. */
  readonly stored: number;
}

/** Undefined for a file that is written whole. */
export function sparseForm({ name, size, segments }: TarEntry): SparseForm | undefined {
  const data = segments?.reduce((sum, { length }) => sum + length, 0) ?? size;
  if (!segments || size - data < WORTH_IT) return undefined;
  // A hole at the end is said by an empty piece behind it.
  const places = [...segments, { offset: size, length: 0 }];
  const numbers = [places.length, ...places.flatMap(({ offset, length }) => [offset, length])];
  const text = numbers.map((number) => `${number}\n`).join('');
  const map = Buffer.alloc(padded(text.length));
  map.write(text, 'latin1');
  const records = [
    ['GNU.sparse.major', '1'],
    ['GNU.sparse.minor', '0'],
    ['GNU.sparse.name', name],
    ['GNU.sparse.realsize', String(size)],
  ] as const;
  return { records, map, stored: map.length + data };
}
