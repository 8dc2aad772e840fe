import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Measure } from './interleave.js';
import { statePlaces } from './scratch.js';

/** A program as a whole process, from its spawn until its end. @throws Error when it fails */
export async function timedProcess(program: string, args: readonly string[]): Promise<[number]> {
  const start = process.hrtime.bigint();
  const [status] = await once(spawn(program, args, { stdio: 'ignore' }), 'exit');
  const ended = Number(process.hrtime.bigint() - start);
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}`);
  return [ended];
}

/** What Node itself costs. */
export const bareNode: Measure = () => timedProcess(process.execPath, ['-e', '0']);

/** The command line of this checkout, with its state in a directory. */
export function commandLine(directory: string): (...args: readonly string[]) => string[] {
  const cli = join(process.env.BENCH_ROOT as string, 'dist/cli.cjs');
  const { root, runroot } = statePlaces(directory);
  return (...args) => [cli, `--root=${root}`, `--runroot=${runroot}`, ...args];
}

/** `tsbox ARGS` as a whole process. */
export function timedTsbox(directory: string): (...args: readonly string[]) => Measure {
  const line = commandLine(directory);
  return (...args) =>
    () =>
      timedProcess(process.execPath, line(...args));
}
