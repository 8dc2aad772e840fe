import type { LogRecord, LogStream } from './entry.js';
import { type LogFile, readPieceBefore } from './files.js';

/** A place in a log: which file, the oldest being 0, and where in it. */
export interface LogPosition {
  readonly file: number;
  readonly at: number;
}

export type StreamPositions = Readonly<Record<LogStream, LogPosition>>;

/** How far to look for the beginning of the first line, which the other stream's lines may have cut in two. */
const MOST_EXTRA_BYTES = 1024 * 1024;

export function isBefore(a: LogPosition, b: LogPosition): boolean {
  return a.file < b.file || (a.file === b.file && a.at < b.at);
}

/**
 * Where the last `lines` lines begin, per stream: the streams' lines may lie in each other. Reads from the
 * end, and no more than it needs.
 */
export function tailPositions(files: readonly LogFile[], lines: number): StreamPositions {
  const counter = new LineCounter(lines, { file: Math.max(0, files.length - 1), at: files.at(-1)?.size ?? 0 });
  let extra = 0;
  for (let file = files.length - 1; file >= 0 && !counter.done; file--) {
    const opened = files[file] as LogFile;
    for (let end = opened.size; end > 0 && !counter.done; ) {
      const { records, next } = readPieceBefore(opened, end);
      for (const record of records.reverse()) counter.add(record, file);
      if (counter.full) extra += end - next;
      if (extra > MOST_EXTRA_BYTES) return counter.positions;
      end = next;
    }
  }
  return counter.positions;
}

/** Counts lines backwards. A line ends with a whole entry, or with the last one of its stream. */
class LineCounter {
  readonly positions: Record<LogStream, LogPosition>;
  readonly #left: Record<LogStream, 'unseen' | 'inside' | 'outside'> = { stdout: 'unseen', stderr: 'unseen' };
  #count = 0;

  constructor(
    readonly lines: number,
    end: LogPosition,
  ) {
    this.positions = { stdout: end, stderr: end };
  }

  /** All lines are there, but for the beginnings of some, perhaps. */
  get full(): boolean {
    return this.#count >= this.lines;
  }

  get done(): boolean {
    return this.full && this.#left.stdout !== 'inside' && this.#left.stderr !== 'inside';
  }

  add({ stream, partial, at }: LogRecord, file: number): void {
    if (this.done) return;
    if (!partial || this.#left[stream] === 'unseen') {
      this.#left[stream] = this.full ? 'outside' : 'inside';
      if (!this.full) this.#count++;
    }
    if (this.#left[stream] === 'inside') this.positions[stream] = { file, at };
  }
}
