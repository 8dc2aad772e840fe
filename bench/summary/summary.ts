import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from '../result.js';
import { holds, judge, TARGETS, type Verdict } from './targets.js';

/** The ratios that are to hold, what was measured last for each, and whether it holds. */
function main(): void {
  const directory = process.env.BENCH_RESULTS_DIR as string;
  const history = join(process.env.BENCH_ROOT as string, 'bench/history.jsonl');
  const files = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith('.jsonl')) : [];
  const results = [history, ...files.map((name) => join(directory, name))]
    .flatMap(readResults)
    .toSorted((a, b) => a.date.localeCompare(b.date));
  const verdicts = TARGETS.map((target) => judge(target, results));
  console.log('what is to hold, and what was measured last\n');
  for (const verdict of verdicts) console.log(lineOf(verdict));
  console.log();
}

function readResults(file: string): Result[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Result);
}

function lineOf(verdict: Verdict): string {
  const { target, measured, low = 0, high = 0, samples, date } = verdict;
  const wanted = `${target.faster ? 'at least' : 'at most '} ${target.limit}`;
  const text = `${target.text.padEnd(76)}${wanted.padEnd(14)}`;
  if (measured === undefined) return `${text}not measured: npm run bench ${target.bench}`;
  const word = holds(verdict) ? 'holds' : 'DOES NOT HOLD';
  const interval = `(${low.toFixed(2)}-${high.toFixed(2)})`;
  return `${text}${measured.toFixed(2).padStart(7)} ${interval.padEnd(15)}${word.padEnd(15)}${samples} samples, ${date?.slice(0, 10)}`;
}

main();
