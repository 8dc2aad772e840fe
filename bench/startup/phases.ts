import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';

/**
 * Where the time of a cold command goes, in nanoseconds: Node until the first script; the first layer of the
 * bundle read and compiled; the modules of the command line evaluated; the command itself, with the layers that
 * it needs; and the process gone.
 */
export async function phasesOf(command: readonly string[]): Promise<number[]> {
  const preload = join(process.env.BENCH_ROOT as string, 'bench/startup/phases.cjs');
  const start = process.hrtime.bigint();
  const child = spawn(process.execPath, ['--require', preload, ...command], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const [written, [status]] = await Promise.all([text(child.stdio[3] as Readable), once(child, 'exit')]);
  const whole = Number(process.hrtime.bigint() - start);
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}`);
  const {
    boot,
    load = boot,
    define = load,
    run,
  } = JSON.parse(written) as Record<'boot' | 'run', number> & Partial<Record<'load' | 'define', number>>;
  const inside = [boot, load - boot, define - load, run - define].map((ms) => ms * 1e6);
  return [...inside, whole - run * 1e6];
}
