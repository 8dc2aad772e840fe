import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ChangeNotice } from '../kernel/change-notice.js';
import { hasCode } from '../kernel/error.js';
import { type EngineEvent, eventsFile, eventsPath, eventsStart } from './events.js';

/** Where notices of changes do not come (a network file system, no inotify instance left), it is looked so often. */
const POLL_MS = 500;
const BUFFER = 64 * 1024;
const NEWLINE = 0x0a;

/** What happened so far, as far as it is kept; the oldest first. */
export function readEvents(runroot: string): EngineEvent[] {
  const reader = new EventReader(eventsPath(runroot));
  try {
    return reader.read();
  } finally {
    reader.close();
  }
}

/**
 * What happens from now on; after what happened so far, where `past` says so. Ends when the signal says so.
 */
export async function* followEvents(
  runroot: string,
  signal: AbortSignal,
  past: boolean,
): AsyncGenerator<EngineEvent, void, undefined> {
  const path = eventsPath(runroot);
  // There must be something to watch.
  const file = eventsFile(runroot);
  if (file !== undefined) closeSync(file);
  const reader = new EventReader(path);
  const notice = new ChangeNotice(path, POLL_MS);
  const wake = (): void => notice.wake();
  signal.addEventListener('abort', wake);
  try {
    if (!past) reader.skip();
    while (!signal.aborted) {
      yield* reader.read();
      await notice.next();
    }
  } finally {
    signal.removeEventListener('abort', wake);
    notice.close();
    reader.close();
  }
}

/** Reads the file as it grows. */
class EventReader {
  #file: number | undefined;
  #at = 0;
  /** The beginning of a line whose end is not there yet. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(readonly path: string) {
    this.#open();
  }

  /** Passes over all that is there. */
  skip(): void {
    if (this.#file !== undefined) this.#at = fstatSync(this.#file).size;
  }

  /** What came since the last call. */
  read(): EngineEvent[] {
    if (this.#file !== undefined && fstatSync(this.#file).nlink === 0) this.close();
    this.#open();
    const events: EngineEvent[] = [];
    const buffer = Buffer.alloc(BUFFER);
    for (let length = this.#readInto(buffer); length > 0; length = this.#readInto(buffer)) {
      const bytes = Buffer.concat([this.#rest, buffer.subarray(0, length)]);
      const end = bytes.lastIndexOf(NEWLINE) + 1;
      this.#rest = bytes.subarray(end);
      for (const line of bytes.toString('utf8', 0, end).split('\n')) events.push(...parsed(line));
    }
    return events;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #readInto(buffer: Buffer): number {
    if (this.#file === undefined) return 0;
    const length = readSync(this.#file, buffer, 0, buffer.length, this.#at);
    this.#at += length;
    return length;
  }

  #open(): void {
    if (this.#file !== undefined) return;
    try {
      this.#file = openSync(this.path, 'r');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return;
      throw error;
    }
    this.#at = eventsStart(fstatSync(this.#file).size);
    this.#rest = Buffer.alloc(0);
  }
}

/** The event of a line; none of one that was cut, by a full disk or by where reading began. */
function parsed(line: string): EngineEvent[] {
  if (!line.startsWith('{')) return [];
  try {
    const { timeNano, ...event } = JSON.parse(line) as Omit<EngineEvent, 'timeNano'> & { readonly timeNano: string };
    return [{ ...event, timeNano: BigInt(timeNano) }];
  } catch {
    return [];
  }
}
