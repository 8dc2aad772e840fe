import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Plan } from '../../core/engine/index.js';

/** The C program that does what a plan says; one launch per call. */
export class Floor {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(binary: string, program: string, steps: string) {
    this.#child = spawn(binary, [program, steps], { stdio: ['pipe', 'pipe', 'inherit'] }) as ChildProcessWithoutNullStreams;
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Starts one container. @returns nanoseconds until exec, and until everything was gone */
  async launch(): Promise<[number, number]> {
    this.#child.stdin.write('\n');
    const { value } = await this.#lines.next();
    if (value === undefined) throw new Error('the floor ended');
    const [started, ended] = value.split(' ').map(Number);
    return [started, ended];
  }

  close(): void {
    this.#child.stdin.end();
  }
}

/** Compiles floor.c into `directory`. */
export function compileFloor(root: string, directory: string): string {
  const binary = join(directory, 'floor');
  execFileSync('cc', ['-O2', '-o', binary, join(root, 'bench/launch/floor.c')]);
  return binary;
}

/** Writes the program and the engine's steps of a plan as the floor reads them. */
export function writeFloorInput(plan: Plan, directory: string, label: string): [string, string] {
  const program = join(directory, `${label}.program`);
  const steps = join(directory, `${label}.steps`);
  writeFileSync(program, plan.program.bytes);
  const lines = plan.entries
    .filter((entry) => entry.where === 'engine' && ['mkdir', 'write'].includes(entry.action) && entry.target.startsWith('/'))
    .map((entry) => `${entry.action} ${entry.target.split(' ')[0]}\n`);
  writeFileSync(steps, lines.join(''));
  return [program, steps];
}
