import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** A program that does its work once for each line, and answers with a line of numbers. */
export class LineProgram {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(
    readonly binary: string,
    args: readonly string[],
  ) {
    this.#child = spawn(binary, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** @throws Error when it has ended instead */
  async once(): Promise<number[]> {
    this.#child.stdin.write('\n');
    const { value } = await this.#lines.next();
    if (value === undefined) throw new Error(`${this.binary} ended`);
    return (value as string).split(' ').map(Number);
  }

  close(): void {
    this.#child.stdin.end();
  }
}
