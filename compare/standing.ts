import type { Ratio } from './bootstrap.js';
import type { Measurement } from './report.js';
import type { Estimate } from './statistics.js';
import { formatFactor, formatFactorInterval, formatQuantity } from './units.js';
import { differ, type Verdict } from './verdict.js';

/** One verdict in words. */

/** Somebody is behind all of the best. */
export function leads(verdict: Verdict): boolean {
  return (verdict.outcome === 'winner' || verdict.outcome === 'tie') && trailing(verdict).length > 0;
}

/** Who is parted from every one of the best, the nearest first. */
export function trailing({ estimates, best, behind }: Verdict): [string, Ratio | undefined][] {
  const isBehind = (name: string) =>
    best.every((leader) => differ(estimates.get(name) as Estimate, estimates.get(leader) as Estimate));
  return [...behind].filter(([name]) => isBehind(name)).sort(([, a], [, b]) => weight(a) - weight(b));
}

/** The best, in the order of the candidates. */
export function leaders({ estimates, best }: Verdict): string[] {
  return [...estimates.keys()].filter((name) => best.includes(name));
}

/** How the best stand to the others: `12 times as fast as a (11 to 13), up to 40 times as fast as b`. */
export function standing(verdict: Verdict): string {
  const { measurement, estimates, best } = verdict;
  const others = trailing(verdict);
  const [[nearest, ratio]] = others as [[string, Ratio | undefined]];
  const [furthest, most] = others.at(-1) as [string, Ratio | undefined];
  if (!ratio) {
    const amount = (name: string) => formatQuantity(estimates.get(name)?.median as number, measurement.unit);
    return `${amount(best[0] as string)} against ${amount(nearest)} of ${nearest}`;
  }
  const words = comparative(measurement);
  const up = furthest === nearest || !most ? '' : `, up to ${formatFactor(most.factor)} times ${words} ${furthest}`;
  const interval = formatFactorInterval(ratio);
  return `${formatFactor(ratio.factor)} times ${words} ${nearest}${interval && ` (${interval})`}${up}`;
}

/** The greatest factor in it, by which it is ordered. */
export function greatest(verdict: Verdict): number {
  return weight(trailing(verdict).at(-1)?.[1]);
}

/** All of a verdict in one line: `a: 12 times as fast as b (11 to 13)`. */
export function verdictWords(verdict: Verdict): string {
  const names = leaders(verdict);
  if (leads(verdict))
    return names.length === 1
      ? `${names[0]}: ${standing(verdict)}`
      : `${listed(names)} are level: ${standing(verdict)}`;
  switch (verdict.outcome) {
    case 'equal':
      return 'the same for all';
    case 'few':
      return 'too few samples for a verdict';
    case 'alone':
      return `only ${names[0]} has numbers`;
    case 'none':
      return 'no numbers';
    default:
      return 'not told apart';
  }
}

/** How the best stands to another. */
export function comparative({ unit, better }: Pick<Measurement, 'unit' | 'better'>): string {
  if (unit === 'ns') return better === 'less' ? 'as fast as' : 'as long as';
  if (unit === 'count') return better === 'less' ? 'fewer than' : 'as many as';
  if (unit === 'bytes') return better === 'less' ? 'less than' : 'as much as';
  return better === 'more' ? 'as fast as' : 'slower than';
}

export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Nothing against something outweighs every factor. */
function weight(ratio: Ratio | undefined): number {
  return ratio?.factor ?? Number.POSITIVE_INFINITY;
}
