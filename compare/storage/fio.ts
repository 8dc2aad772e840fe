import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The host's fio(1). It works on the container's files from outside, as we do. */
export interface Fio {
  /** `fio-3.33`. */
  readonly version: string;
}

const TIMEOUT_MS = 60_000;
const BYTES = { randread: '64m', randwrite: '16m' } as const;

/** Undefined where there is none. */
export async function findFio(): Promise<Fio | undefined> {
  try {
    const { stdout } = await execute('fio', ['--version'], { timeout: TIMEOUT_MS });
    return { version: stdout.trim() };
  } catch {
    return undefined;
  }
}

/** Runs one job on a file that is there. @returns operations per second @throws Error with what fio said */
export async function runFio(_fio: Fio, mode: 'randread' | 'randwrite', file: string, size: number): Promise<number> {
  const job = ['--name=tsbox', `--filename=${file}`, `--rw=${mode}`, '--bs=4k', '--ioengine=psync', '--invalidate=0'];
  const amount = [`--size=${size}`, `--io_size=${BYTES[mode]}`, '--norandommap', '--randrepeat=0'];
  const own = mode === 'randread' ? ['--readonly'] : ['--fsync=1024', '--overwrite=1'];
  const { stdout } = await execute('fio', [...job, ...amount, ...own, '--output-format=json'], { timeout: TIMEOUT_MS });
  return operationsPerSecond(stdout, mode === 'randread' ? 'read' : 'write');
}

/** Out of what fio prints with `--output-format=json`, before which there may be notes. */
export function operationsPerSecond(output: string, direction: 'read' | 'write'): number {
  const report = JSON.parse(output.slice(output.indexOf('{'))) as {
    readonly jobs?: readonly Partial<Record<'read' | 'write', { readonly iops?: number }>>[];
  };
  const iops = report.jobs?.[0]?.[direction]?.iops;
  if (iops === undefined || !(iops > 0)) throw new Error(`fio gave no operations per second: ${output.slice(0, 200)}`);
  return iops;
}
