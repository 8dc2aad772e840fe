import { type Ratio, ratioOf } from './bootstrap.js';
import type { Measurement, Unit } from './report.js';
import { type Estimate, estimate, FEWEST, parted } from './statistics.js';

/**
 * - `winner`: the interval of one parts from the interval of every other
 * - `tie`: that of the best does not part from that of another, or of several, or they differ by less than 1 %
 * - `equal`: no spread anywhere, and the same number for all
 * - `few`: too few samples to know their spread
 * - `alone`, `none`: one candidate has numbers, or no candidate has
 */
export type Outcome = 'winner' | 'tie' | 'equal' | 'few' | 'alone' | 'none';

export interface Verdict {
  readonly measurement: Measurement;
  readonly outcome: Outcome;
  /** Of those that have samples, in the order of the candidates. */
  readonly estimates: ReadonlyMap<string, Estimate>;
  /** The winner, or who cannot be told apart at the top; the best median first. Of `few` and `none` nobody. */
  readonly best: readonly string[];
  /** Of every other candidate: how many times worse it is than the best; undefined where that is no number. */
  readonly behind: ReadonlyMap<string, Ratio | undefined>;
}

/** Of these the spread is not known from one sample; bytes and counts may be the same each time. */
const SPREAD: readonly Unit[] = ['ns', 'bytes/s', 'ops/s'];
/** Nobody chooses by less than 1 %, however certain it is. */
const WORTH_SAYING = 0.01;

/** What is said of one measurement. @param names of the candidates, in their order */
export function verdictOf(measurement: Measurement, names: readonly string[]): Verdict {
  const estimates = estimatesOf(measurement, names);
  const sorted = [...estimates].sort(([, a], [, b]) => order(measurement, a.median, b.median));
  const [first] = sorted;
  const verdict = { measurement, estimates };
  if (!first) return { ...verdict, outcome: 'none', best: [], behind: new Map() };
  if (sorted.length === 1) return { ...verdict, outcome: 'alone', best: [first[0]], behind: new Map() };
  if (tooFew(measurement, estimates)) return { ...verdict, outcome: 'few', best: [], behind: new Map() };
  const best = sorted.filter(([, one]) => !differ(one, first[1])).map(([name]) => name);
  const others = [...estimates.keys()].filter((name) => !best.includes(name));
  const behind = new Map(others.map((name) => [name, times(measurement, best[0] as string, name)]));
  return { ...verdict, outcome: outcomeOf(best, sorted), best, behind };
}

/** Parted, and by so much that it can matter. */
export function differ(a: Estimate, b: Estimate): boolean {
  const most = Math.max(Math.abs(a.median), Math.abs(b.median));
  return parted(a, b) && Math.abs(a.median - b.median) >= most * WORTH_SAYING;
}

/** How many times worse one is than another. Both were measured in the same rounds. */
export function times(measurement: Measurement, better: string, worse: string): Ratio | undefined {
  const of = (name: string) => measurement.samples[name] as readonly number[];
  return measurement.better === 'less' ? ratioOf(of(worse), of(better), true) : ratioOf(of(better), of(worse), true);
}

/** Whether a verdict about these would be one about a spread that nobody knows. */
export function tooFew({ unit }: Measurement, estimates: ReadonlyMap<string, Estimate>): boolean {
  return SPREAD.includes(unit) && [...estimates.values()].some(({ count }) => count < FEWEST);
}

/** Those that have samples. */
export function estimatesOf({ samples }: Measurement, names: readonly string[]): Map<string, Estimate> {
  const measured = names.filter((name) => Object.hasOwn(samples, name) && samples[name]?.length);
  return new Map(measured.map((name) => [name, estimate(samples[name] as readonly number[])]));
}

function order({ better }: Measurement, a: number, b: number): number {
  return better === 'less' ? a - b : b - a;
}

function outcomeOf(best: readonly string[], all: readonly (readonly [string, Estimate])[]): Outcome {
  if (best.length === 1) return 'winner';
  const [, { median }] = all[0] as readonly [string, Estimate];
  return all.every(([, { low, high }]) => low === median && high === median) ? 'equal' : 'tie';
}
