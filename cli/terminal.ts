import type { ReadStream } from 'node:tty';
import type { Gate } from '../core/kernel/gate.js';
import { rawTermios, readTermios, writeTermios } from '../core/kernel/termios.js';
import { TsboxError } from '../core/plugin/error.js';
import type { Spec } from '../core/plugin/spec.js';

/** How long to wait for what the container's terminal still has to say when its command has ended. */
const DRAIN_MS = 500;
const STDIN = 0;
const SIGHUP = 1;

/** What is joined to the caller's terminal: a container, or what leads to one. */
export interface Attachable {
  readonly stdin: NodeJS.WritableStream | undefined;
  readonly stdout: NodeJS.ReadableStream | undefined;
  kill(signal: number): boolean;
  resize(columns: number, rows: number): void;
}

/** The caller's terminal while a container with a terminal of its own is in the foreground. */
export class CallerTerminal {
  readonly #gate: Gate;
  readonly #stdin: ReadStream | undefined;
  #before: Buffer | undefined;
  #drained: Promise<void> = Promise.resolve();
  readonly #restore = () => this.restore();

  /** @throws TsboxError when input is wanted and stdin is no terminal */
  constructor(gate: Gate, interactive: boolean) {
    checkTerminal(interactive);
    this.#gate = gate;
    this.#stdin = interactive ? process.stdin : undefined;
  }

  /** The spec with the size of our terminal, so that the command sees it from its first moment. */
  sized(spec: Spec): Spec {
    const size = terminalSize();
    return size ? { ...spec, terminalSize: size } : spec;
  }

  /** Joins the two terminals: size, output, keys. */
  attach(container: Attachable): void {
    const { stdin, stdout } = container;
    if (!stdout) throw new Error('the container has no terminal');
    resize(container);
    process.stdout.on('resize', () => resize(container));
    this.#drained = new Promise((resolve) => stdout.once('close', resolve));
    stdout.pipe(process.stdout, { end: false });
    // Whoever read our output is gone: hang up, as a terminal that is closed does.
    process.stdout.on('error', () => container.kill(SIGHUP));
    if (!this.#stdin) return;
    this.#makeRaw();
    // Our own terminal was closed: the same.
    this.#stdin.on('error', () => container.kill(SIGHUP));
    // A command that has ended already takes no keys, but what it printed is meant for a raw terminal.
    if (stdin) this.#stdin.pipe(stdin, { end: false });
  }

  /** Waits for the last output, but not for what a process left behind on the terminal may write. */
  async drain(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, DRAIN_MS);
    });
    await Promise.race([this.#drained, timeout]);
    clearTimeout(timer);
  }

  /** Puts the caller's terminal back. Harmless when it was never changed. */
  restore(): void {
    process.off('exit', this.#restore);
    process.stdout.removeAllListeners('resize');
    this.#stdin?.unpipe();
    this.#stdin?.destroy();
    const before = this.#before;
    this.#before = undefined;
    if (before) writeTermios(this.#gate, STDIN, before);
  }

  #makeRaw(): void {
    this.#before = readTermios(this.#gate, STDIN);
    process.on('exit', this.#restore);
    writeTermios(this.#gate, STDIN, rawTermios(this.#before));
  }
}

function resize(container: Attachable): void {
  const now = terminalSize();
  if (now) container.resize(now.columns, now.rows);
}

/** Ours, where our output goes to a terminal that has one. */
export function terminalSize(): Spec['terminalSize'] {
  const { columns, rows, isTTY } = process.stdout;
  return isTTY && columns > 0 && rows > 0 ? { columns, rows } : undefined;
}

/** @throws TsboxError when input is wanted and stdin is no terminal */
export function checkTerminal(interactive: boolean): void {
  if (interactive && !process.stdin.isTTY) throw notATerminal();
}

function notATerminal(): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: 'cannot give the command a terminal',
    why: 'the input device is not a TTY',
    fix: 'leave out -t, or start tsbox from a terminal',
  });
}
