import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { constants } from 'node:os';
import { ReadStream } from 'node:tty';
import { O_CLOEXEC, O_NOCTTY, O_RDWR } from '../../core/kernel/fcntl.js';
import { LibcGate } from '../../core/kernel/libc-gate.js';
import { AT_FDCWD } from '../../core/kernel/mount.js';
import { readTermios } from '../../core/kernel/termios.js';
import { TIOCGPTPEER, TIOCSPTLCK } from '../../core/kernel/tty.js';
import { CLI } from './run-cli.js';

const TIOCSWINSZ = 0x5414;
const DEADLINE_MS = 20_000;

/** tsbox on a terminal that the test holds the other end of: keys, sizes, job control are real. */
export class TerminalSession {
  readonly #gate = new LibcGate();
  readonly #master: number;
  /** Kept open, as by the shell that tsbox was started from: the terminal outlives it. */
  readonly #slave: number;
  readonly #stream: ReadStream;
  readonly #child: ChildProcess;
  readonly #exit: Promise<number>;
  /** Everything that appeared on the terminal. */
  output = '';

  constructor(args: readonly string[], size: { columns: number; rows: number }) {
    this.#master = this.#gate.call('openat', AT_FDCWD, '/dev/ptmx', O_RDWR | O_NOCTTY | O_CLOEXEC, 0);
    this.#gate.call('ioctl', this.#master, TIOCSPTLCK, Buffer.alloc(4));
    this.#slave = this.#gate.call('ioctl', this.#master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    this.resize(size.columns, size.rows);
    // setsid(1) makes it the controlling terminal: without that Ctrl-C and SIGWINCH reach nobody.
    const command = ['--ctty', '--wait', process.execPath, '--', CLI, ...args];
    this.#child = spawn('setsid', command, {
      stdio: [this.#slave, this.#slave, this.#slave],
      env: { ...process.env, TERM: 'xterm' },
    });
    this.#exit = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal as NodeJS.Signals]));
    });
    this.#stream = new ReadStream(this.#master);
    this.#stream.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    // EIO is how the end of a terminal is read.
    this.#stream.on('error', () => this.#stream.destroy());
  }

  /** Types keys: `\r` is Enter, `\x03` Ctrl-C. */
  type(keys: string): void {
    this.#stream.write(keys);
  }

  resize(columns: number, rows: number): void {
    const size = Buffer.alloc(8);
    size.writeUInt16LE(rows, 0);
    size.writeUInt16LE(columns, 2);
    this.#gate.call('ioctl', this.#master, TIOCSWINSZ, size);
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** The terminal's attributes as the kernel has them: raw or not. */
  get termios(): string {
    return readTermios(this.#gate, this.#master).toString('hex');
  }

  /** Waits until what appears after this call matches. */
  async see(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    const deadline = performance.now() + DEADLINE_MS;
    for (;;) {
      const match = pattern.exec(this.output.slice(from));
      if (match) return match;
      if (performance.now() > deadline) throw new Error(`${pattern} did not appear in ${JSON.stringify(this.output)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Types keys again and again until something appears: the program that they are for may not be there yet. */
  async insist(keys: string, pattern: RegExp): Promise<void> {
    const from = this.output.length;
    const timer = setInterval(() => this.type(keys), 300);
    try {
      await this.see(pattern, from);
    } finally {
      clearInterval(timer);
    }
  }

  /** Types a line and waits for what it leads to, which the line itself must not contain. */
  async enter(line: string, answer: RegExp): Promise<RegExpExecArray> {
    const from = this.output.length;
    this.type(`${line}\r`);
    return this.see(answer, from);
  }

  /** Waits for the end; the terminal is closed then. */
  async end(): Promise<{ status: number; termios: string }> {
    const status = await this.#exit;
    const { termios } = this;
    this.#close();
    return { status, termios };
  }

  /** For a test that failed: nothing is left running. */
  destroy(): void {
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL');
    this.#close();
  }

  #close(): void {
    if (this.#stream.destroyed) return;
    this.#stream.destroy();
    closeSync(this.#slave);
  }
}
