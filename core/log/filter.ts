import { type LogEntry, type LogRecord, logTime, type Moment } from './entry.js';
import type { LogFile } from './files.js';
import { isBefore, type LogPosition, type StreamPositions, tailPositions } from './tail.js';

export interface ReadLogOptions {
  /** Only so many lines, the last ones. */
  readonly tail?: number | undefined;
  /** Entries from then on, and up to then. */
  readonly since?: Moment | undefined;
  readonly until?: Moment | undefined;
}

const BEGINNING: LogPosition = { file: 0, at: 0 };

/** Which entries of a log are asked for. */
export class EntryFilter {
  readonly #since: string | undefined;
  readonly #until: string | undefined;

  private constructor(
    readonly options: ReadLogOptions,
    readonly positions: StreamPositions,
  ) {
    this.#since = options.since === undefined ? undefined : logTime(options.since);
    this.#until = options.until === undefined ? undefined : logTime(options.until);
  }

  /** @param files all files of the log, the oldest first */
  static make(files: readonly LogFile[], options: ReadLogOptions): EntryFilter {
    const { tail, since } = options;
    if (tail !== undefined) return new EntryFilter(options, tailPositions(files, tail));
    const first = since === undefined ? BEGINNING : { file: firstSince(files, logTime(since)), at: 0 };
    return new EntryFilter(options, { stdout: first, stderr: first });
  }

  /** The same for files that have come since. */
  fromBeginning(): EntryFilter {
    return new EntryFilter(this.options, { stdout: BEGINNING, stderr: BEGINNING });
  }

  /** Nothing is asked for before. */
  get start(): LogPosition {
    const { stdout, stderr } = this.positions;
    return isBefore(stdout, stderr) ? stdout : stderr;
  }

  apply(records: readonly LogRecord[], file: number): LogEntry[] {
    return records.filter(
      ({ stream, time, at }) =>
        !isBefore({ file, at }, this.positions[stream]) &&
        (this.#since === undefined || time >= this.#since) &&
        (this.#until === undefined || time <= this.#until),
    );
  }
}

/** A file's time comes from a clock that lags some milliseconds behind the one that entries are stamped with. */
const CLOCK_LAG_NS = 1_000_000_000n;

/** Files that were written to last before then are passed over. */
function firstSince(files: readonly LogFile[], since: string): number {
  const found = files.findIndex(({ modified }) => logTime(modified + CLOCK_LAG_NS) >= since);
  return found < 0 ? Math.max(0, files.length - 1) : found;
}
