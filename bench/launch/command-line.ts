import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Measure } from '../interleave.js';

/** `tsbox run` as a whole process, and what Node itself costs. */
export function commandLineKinds(directory: string): Record<string, Measure> {
  const cli = join(process.env.BENCH_ROOT as string, 'dist/cli.cjs');
  const state = [`--root=${directory}/cli-root`, `--runroot=${directory}/cli-run`];
  return {
    'node -e 0': () => wholeProcess(['-e', '0']),
    'tsbox version': () => wholeProcess([cli, 'version']),
    'tsbox run --network=none host true': () =>
      wholeProcess([cli, ...state, 'run', '--rm', '--network=none', 'host', 'true']),
  };
}

async function wholeProcess(args: readonly string[]): Promise<[number]> {
  const start = process.hrtime.bigint();
  const [status] = await once(spawn(process.execPath, args, { stdio: 'ignore' }), 'exit');
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return [Number(process.hrtime.bigint() - start)];
}
