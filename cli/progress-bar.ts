import { isatty } from 'node:tty';
import type { Progress } from '../compare/index.js';
import { printError } from './output.js';

const WIDTH = 24;
const STDERR = 2;
/** The line is written again this often at most. */
const PAUSE_MS = 100;
const ERASE_LINE = '\r\u001b[K';

export interface ProgressBarOptions {
  readonly quiet: boolean;
  /** Default: whether stderr is one. */
  readonly terminal?: boolean;
  readonly write?: (text: string) => void;
}

/** One line on a terminal that says how far something is; nothing where stderr is none. */
export class ProgressBar {
  readonly #write: (text: string) => void;
  readonly #shown: boolean;
  readonly #columns: number;
  readonly #start = performance.now();
  #written = Number.NEGATIVE_INFINITY;
  #last = '';

  constructor({ quiet, terminal = isatty(STDERR), write = printError }: ProgressBarOptions) {
    this.#write = write;
    this.#shown = terminal && !quiet;
    this.#columns = (this.#shown && process.stderr.columns) || 80;
  }

  show(progress: Progress): void {
    const now = performance.now();
    if (!this.#shown || (now - this.#written < PAUSE_MS && progress.total > 0)) return;
    this.#written = now;
    const line = formatProgress(progress, now - this.#start).slice(0, this.#columns - 1);
    if (line === this.#last) return;
    this.#last = line;
    this.#write(`${ERASE_LINE}${line}`);
  }

  /** A message in between; the bar comes again below it. */
  interrupt(print: () => void): void {
    this.clear();
    print();
  }

  clear(): void {
    if (this.#last === '') return;
    this.#last = '';
    this.#write(ERASE_LINE);
  }
}

/** `[########----------------]  33 %  first write: overlay, 1 min left`. @param elapsed milliseconds */
export function formatProgress({ what, done, total }: Progress, elapsed: number): string {
  if (total === 0) return `${what} ...`;
  const part = done / total;
  const full = Math.floor(part * WIDTH);
  const bar = `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}]`;
  return `${bar} ${String(Math.floor(part * 100)).padStart(3)} %  ${what}${timeLeft(part, elapsed)}`;
}

/** Nothing is said before there is something to say it from. */
function timeLeft(part: number, elapsed: number): string {
  if (part < 0.05) return '';
  const seconds = Math.ceil((elapsed * (1 / part - 1)) / 1000);
  return seconds < 60 ? `, ${seconds} s left` : `, ${Math.ceil(seconds / 60)} min left`;
}
