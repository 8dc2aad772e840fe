import type { ReadStream } from 'node:tty';
import type { Container } from '../core/engine/index.js';
import { TsboxError } from '../core/plugin/error.js';

/** What the container's terminal still has to say when its command has ended. */
const DRAIN_MS = 500;

/** The caller's terminal while a container with a terminal of its own is in the foreground. */
export class CallerTerminal {
  readonly #interactive: boolean;
  readonly #stdin: ReadStream | undefined;
  #drained: Promise<void> = Promise.resolve();

  /** @throws TsboxError when input is wanted and stdin is no terminal */
  constructor(interactive: boolean) {
    if (interactive && !process.stdin.isTTY) throw notATerminal();
    this.#interactive = interactive;
    this.#stdin = interactive ? process.stdin : undefined;
  }

  /** Joins the two terminals: sizes, keys, output. */
  attach(container: Container): void {
    const { stdin, stdout } = container;
    if (!stdin || !stdout) throw new Error('the container has no terminal');
    this.#resize(container);
    process.stdout.on('resize', () => this.#resize(container));
    this.#drained = new Promise((resolve) => stdout.once('close', resolve));
    stdout.pipe(process.stdout, { end: false });
    // Whoever read our output is gone: hang up, as a terminal that is closed does.
    process.stdout.on('error', () => container.kill(1));
    if (!this.#stdin) return;
    this.#stdin.setRawMode(true);
    this.#stdin.pipe(stdin, { end: false });
  }

  /** Waits for the last output, but not for what a process left behind on the terminal may write. */
  async drain(): Promise<void> {
    const { promise, timer } = after(DRAIN_MS);
    await Promise.race([this.#drained, promise]);
    clearTimeout(timer);
  }

  /** Puts the caller's terminal back. Harmless when it was never changed. */
  restore(): void {
    process.stdout.removeAllListeners('resize');
    if (!this.#stdin) return;
    this.#stdin.setRawMode(false);
    this.#stdin.unpipe();
    this.#stdin.destroy();
  }

  #resize(container: Container): void {
    const { columns, rows } = process.stdout;
    if (process.stdout.isTTY && columns > 0 && rows > 0) container.resize(columns, rows);
    else if (this.#interactive) container.resize(80, 24);
  }
}

function after(milliseconds: number): { promise: Promise<void>; timer: NodeJS.Timeout | undefined } {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  return { promise, timer };
}

function notATerminal(): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: 'cannot give the command a terminal',
    why: 'the input device is not a TTY',
    fix: 'leave out -t, or start tsbox from a terminal',
  });
}
