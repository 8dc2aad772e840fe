/**
 * One line of a log, as the monitor writes it (log.c): `2026-11-22T03:04:05.123456789Z stdout F text`,
 * with P instead of F where the command's line goes on in the stream's next entry, or ended without a newline.
 */
export interface LogEntry {
  /** RFC 3339, always in this length. */
  readonly time: string;
  readonly stream: LogStream;
  /** What the command wrote, byte for byte: with its newline, unless it is `partial`. */
  readonly text: Buffer;
  readonly partial: boolean;
}

export type LogStream = 'stdout' | 'stderr';

/** An entry, and where it is in its file. */
export interface LogRecord extends LogEntry {
  readonly at: number;
}

const NEWLINE = 0x0a;
const PREFIX = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr) ([FP]) $/;
const PREFIX_BYTES = 40;
const TIME_BYTES = 30;

/**
 * The entries in a piece of a log. What is no entry (half a line, left by a crash) is left out.
 * @param offset where in its file the piece begins
 * @returns `length`: how many of its bytes were whole lines
 */
export function parseEntries(
  piece: Buffer,
  offset: number,
): { readonly records: LogRecord[]; readonly length: number } {
  const records: LogRecord[] = [];
  let start = 0;
  for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
    const record = parseLine(piece, start, end, offset);
    if (record) records.push(record);
    start = end + 1;
  }
  return { records, length: start };
}

function parseLine(piece: Buffer, start: number, end: number, offset: number): LogRecord | undefined {
  const textStart = start + PREFIX_BYTES;
  if (textStart > end) return undefined;
  const prefix = piece.toString('latin1', start, textStart);
  const match = PREFIX.exec(prefix);
  if (!match) return undefined;
  const partial = match[2] === 'P';
  return {
    time: prefix.slice(0, TIME_BYTES),
    stream: match[1] as LogStream,
    text: piece.subarray(textStart, partial ? end : end + 1),
    partial,
    at: offset + start,
  };
}

/** Nanoseconds since 1970, or RFC 3339 in UTC. */
export type Moment = bigint | string;

const UTC = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/;

/** A moment as entries have it, so that texts compare as times do. @throws RangeError on other text */
export function logTime(moment: Moment): string {
  if (typeof moment === 'string') {
    const match = UTC.exec(moment);
    if (!match) throw new RangeError(`not a time in UTC: ${moment}`);
    return `${match[1]}.${(match[2] ?? '').padEnd(9, '0')}Z`;
  }
  const seconds = new Date(Number(moment / 1_000_000_000n) * 1000).toISOString().slice(0, -5);
  return `${seconds}.${String(moment % 1_000_000_000n).padStart(9, '0')}Z`;
}
