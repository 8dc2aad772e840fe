import type { LogEntry } from '../core/log/index.js';
import { writeBytes } from './output.js';

const FDS = { stdout: 1, stderr: 2 } as const;
/** What is gathered for one write: a log of short lines has many. */
const GATHERED = 64 * 1024;

/** Prints entries of a log to the streams that they came from, byte for byte. */
export class LogPrinter {
  readonly #parts: Buffer[] = [];
  /** Whether the stream's next entry begins a line, which is where a time is printed. */
  readonly #begins = { stdout: true, stderr: true };
  #stream: LogEntry['stream'] = 'stdout';
  #length = 0;
  #flushing: NodeJS.Immediate | undefined;

  /** @param waits whether there may be a pause between entries, in which what is gathered is printed */
  constructor(
    readonly timestamps: boolean,
    readonly waits: boolean,
  ) {}

  /** @returns false when nobody reads any more */
  print({ stream, time, text, partial }: LogEntry): boolean {
    if (stream !== this.#stream && !this.flush()) return false;
    this.#stream = stream;
    if (this.timestamps && this.#begins[stream]) this.#add(Buffer.from(`${time} `));
    this.#begins[stream] = !partial;
    this.#add(text);
    if (this.#length >= GATHERED) return this.flush();
    // Entries of one piece of the file come without a pause: they are one write.
    if (this.waits) this.#flushing ??= setImmediate(() => this.flush());
    return true;
  }

  /** @returns false when nobody reads any more */
  flush(): boolean {
    if (this.#flushing) clearImmediate(this.#flushing);
    this.#flushing = undefined;
    if (this.#length === 0) return true;
    const bytes = Buffer.concat(this.#parts.splice(0));
    this.#length = 0;
    return writeBytes(FDS[this.#stream], bytes);
  }

  #add(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }
}
