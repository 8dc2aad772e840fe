import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CLI, FAULT_PRELOAD } from '../package-paths.js';

/** Longer than any command here takes: what has not ended by then hangs, and is ended by SIGABRT. */
const PATIENCE_MS = 20_000;

/** What a command is to meet. */
export interface Orders {
  /** File that it leaves its {@link Report} in. */
  readonly report: string;
  /** It is killed before this call, of those that change the host; the first is 1. */
  readonly call?: number;
  /** It is killed when the container's first process, or stage one, is at this op. */
  readonly op?: number;
}

export interface Report {
  /** Calls that changed the host. */
  readonly calls: number;
  /** Ops that were executed, where it came to its end. */
  readonly ops: readonly number[];
  /** What it was killed at. */
  readonly hit?: string;
}

export interface Ended extends Partial<Report> {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** tsbox commands that are killed on the way. */
export class Victims {
  #count = 0;

  /** @param directory for what they report; it is their working directory too */
  constructor(readonly directory: string) {}

  async run(args: readonly string[], orders: Omit<Orders, 'report'> = {}): Promise<Ended> {
    const report = join(this.directory, `report-${this.#count++}`);
    const env = { PATH: process.env.PATH, HOME: '/root', FAULTS: JSON.stringify({ ...orders, report }) };
    const command = ['--require', FAULT_PRELOAD, '--', CLI, ...args];
    const child = spawn(process.execPath, command, { cwd: this.directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    const timer = setTimeout(() => child.kill('SIGABRT'), PATIENCE_MS);
    const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      // Not `close`: what it started may hold its streams.
      child.once('exit', (code, name) => resolve([code, name]));
    });
    clearTimeout(timer);
    child.stdout.destroy();
    child.stderr.destroy();
    return { ...read(report), status, signal, output };
  }
}

function read(path: string): Partial<Report> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch {
    return {};
  } finally {
    rmSync(path, { force: true });
  }
}
