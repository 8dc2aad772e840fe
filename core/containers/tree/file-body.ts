import { readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Segment } from '../../image/tar/tar-entry.js';
import { hasCode } from '../../kernel/error.js';
import type { Gate } from '../../kernel/gate.js';
import type { FileStatus } from '../../kernel/statx.js';

const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const CHUNK = 256 * 1024;
/** A file of more pieces is read whole, its holes as zeros. */
const MAX_SEGMENTS = 100_000;

/** Where the data of a file with holes is; undefined for one without. */
export function dataSegments(gate: Gate, file: number, { size, allocated }: FileStatus): Segment[] | undefined {
  if (allocated >= size) return undefined;
  const segments: Segment[] = [];
  for (let end = 0; end < size && segments.length < MAX_SEGMENTS; ) {
    const start = seek(gate, file, end, SEEK_DATA);
    if (start === undefined || start >= size) return segments;
    end = Math.min(seek(gate, file, start, SEEK_HOLE) ?? size, size);
    segments.push({ offset: start, length: end - start });
  }
  return segments.length < MAX_SEGMENTS ? segments : undefined;
}

/** The data of a file, as much of it as there is by now; lets others work between the pieces. */
export async function* readData(file: number, segments: readonly Segment[]): AsyncGenerator<Buffer> {
  for (const { offset, length } of segments) {
    for (let done = 0; done < length; ) {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK, length - done));
      const read = readSync(file, buffer, 0, buffer.length, offset + done);
      if (read === 0) return;
      yield buffer.subarray(0, read);
      done += read;
      await setImmediate();
    }
  }
}

/** Undefined where there is nothing of that kind any more. A file system that knows no holes is all data. */
function seek(gate: Gate, file: number, offset: number, whence: number): number | undefined {
  try {
    return gate.call('lseek', file, offset, whence);
  } catch (error) {
    if (hasCode(error, 'ENXIO')) return undefined;
    if (hasCode(error, 'EINVAL')) return whence === SEEK_DATA ? offset : undefined;
    throw error;
  }
}
