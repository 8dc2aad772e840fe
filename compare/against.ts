import { type Ratio, ratioOf } from './bootstrap.js';
import { hostFactsOf } from './facts.js';
import type { Measurement, Report } from './report.js';
import type { Estimate } from './statistics.js';
import { differ, estimatesOf, tooFew } from './verdict.js';

/** What is different since an earlier report. */
export interface Differences {
  readonly before: string;
  /** Where the two cannot be laid side by side without a thought: other hosts, other subjects. */
  readonly warnings: readonly string[];
  /** Those whose intervals parted; the greatest change first. */
  readonly changes: readonly Change[];
  /** How many are in both, and not told apart. */
  readonly unchanged: number;
  /** How many are in both, with too few samples to say. */
  readonly few: number;
  /** In one of the two only. */
  readonly added: readonly Place[];
  readonly gone: readonly Place[];
  /**
   * How many times as long everything takes, in the middle of all times of all candidates. The rounds of two reports
   * were not made in turn: what all share may be the machine.
   */
  readonly shared: number | undefined;
}

/** A quantity of a candidate. */
export interface Place {
  readonly title: string;
  readonly candidate: string;
}

export interface Change extends Place {
  readonly measurement: Measurement;
  readonly before: Estimate;
  readonly now: Estimate;
  readonly isBetter: boolean;
  /** How many times better, or worse, always above 1; undefined where that is no number. */
  readonly ratio: Ratio | undefined;
}

/** With fewer, the middle of them is that of one or two measurements. */
const FEWEST_SHARED = 4;

/** Compares a report with an earlier one. Both are of the same kind: `readReport` sees to that. */
export function compareReports(before: Report, now: Report): Differences {
  const [old, own] = [placesOf(before), placesOf(now)];
  const both = [...own].flatMap(([key, one]) => {
    const other = old.get(key);
    return other ? [{ old: other, own: one }] : [];
  });
  const compared = both.map((pair) => compared_(pair.old, pair.own));
  const changes = compared.filter((one) => typeof one === 'object');
  return {
    before: before.created,
    warnings: warningsOf(before, now),
    changes: changes.sort((a, b) => weight(b) - weight(a)),
    unchanged: compared.filter((one) => one === 'same').length,
    few: compared.filter((one) => one === 'few').length,
    added: only(own, old),
    gone: only(old, own),
    shared: sharedFactor(both),
  };
}

interface Measured extends Place {
  readonly measurement: Measurement;
  readonly estimate: Estimate;
}

/** By what makes two of them the same quantity: in another unit it is another. */
function placesOf({ measurements, candidates }: Report): Map<string, Measured> {
  const names = candidates.map(({ name }) => name);
  const places = measurements.flatMap((measurement) =>
    [...estimatesOf(measurement, names)].map(([candidate, estimate]) => {
      const key = JSON.stringify([measurement.name, measurement.unit, measurement.better, candidate]);
      return [key, { title: measurement.title, candidate, measurement, estimate }] as const;
    }),
  );
  return new Map(places);
}

function compared_(old: Measured, own: Measured): Change | 'same' | 'few' {
  const { measurement, candidate, title, estimate: now } = own;
  const { estimate: before } = old;
  if (
    tooFew(
      measurement,
      new Map([
        ['before', before],
        ['now', now],
      ]),
    )
  )
    return 'few';
  if (!differ(before, now)) return 'same';
  const isMore = now.median > before.median;
  const samples = [old, own].map((one) => one.measurement.samples[candidate] as readonly number[]);
  const [less, more] = (isMore ? samples : samples.toReversed()) as [readonly number[], readonly number[]];
  const isBetter = isMore === (measurement.better === 'more');
  return { title, candidate, measurement, before, now, isBetter, ratio: ratioOf(more, less, false) };
}

function only(these: ReadonlyMap<string, Measured>, those: ReadonlyMap<string, Measured>): Place[] {
  return [...these].filter(([key]) => !those.has(key)).map(([, { title, candidate }]) => ({ title, candidate }));
}

/** The load is of the moment, and Node's and the kernel's names are what a change is looked for in: all are named. */
function warningsOf(before: Report, now: Report): string[] {
  const differing = (what: string, old: Readonly<Record<string, unknown>>, own: Readonly<Record<string, unknown>>) =>
    [...new Set([...Object.keys(old), ...Object.keys(own)])]
      .filter((key) => old[key] !== own[key])
      .map((key) => `another ${what}: ${key} was ${old[key] ?? 'not there'}, is ${own[key] ?? 'not there'}`);
  return [
    ...differing('host', hostFactsOf(before.host), hostFactsOf(now.host)),
    ...differing('subject', before.subject, now.subject),
  ];
}

function sharedFactor(both: readonly { readonly old: Measured; readonly own: Measured }[]): number | undefined {
  const factors = both
    .filter(({ own, old }) => own.measurement.unit === 'ns' && own.estimate.median > 0 && old.estimate.median > 0)
    .map(({ own, old }) => own.estimate.median / old.estimate.median)
    .sort((a, b) => a - b);
  return factors.length < FEWEST_SHARED ? undefined : factors[factors.length >> 1];
}

function weight({ ratio }: Change): number {
  return ratio?.factor ?? Number.POSITIVE_INFINITY;
}
