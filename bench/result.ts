import { appendFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import type { Ratio } from './statistics.js';

/** One row of a table, as one line of the history: what a plot needs. */
export interface Result {
  /** ISO 8601. */
  readonly date: string;
  readonly commit: string;
  readonly host: BenchHost;
  readonly bench: string;
  readonly table: string;
  readonly row: string;
  /** Of all columns. */
  readonly unit: string;
  /** How many measurements the numbers are the medians of. */
  readonly samples: number;
  /** By column. */
  readonly medians: Readonly<Record<string, number>>;
  /** To the first row of the table. */
  readonly ratios: Readonly<Record<string, Ratio>>;
}

export interface BenchHost {
  readonly kernel: string;
  readonly node: string;
  readonly cpu: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
}

export type ResultRow = Pick<Result, 'row' | 'samples' | 'medians' | 'ratios'>;

/** Appends a table to the results of this run. */
export function keepResults(table: string, unit: string, rows: readonly ResultRow[]): void {
  const { BENCH_RESULTS: file, BENCH_NAME: bench = '', BENCH_COMMIT: commit = '' } = process.env;
  if (!file) return;
  const all = cpus();
  const host: BenchHost = {
    kernel: release(),
    node: process.versions.node,
    cpu: all[0]?.model ?? '',
    cpus: all.length,
    memory: totalmem(),
  };
  const date = new Date().toISOString();
  const lines = rows.map((row): Result => ({ date, commit, host, bench, table, unit, ...row }));
  appendFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
