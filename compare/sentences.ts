import type { Ratio } from './bootstrap.js';
import { grouped } from './grouped.js';
import type { Growth, Series } from './growth.js';
import type { Measurement, Unit } from './report.js';
import type { Estimate } from './statistics.js';
import { formatFactor, formatFactorInterval, formatQuantity } from './units.js';
import { differ, type Verdict } from './verdict.js';

/** So many measurements of a group are named; the tables have the others. */
const MOST_NAMED = 4;

/** Something that is said, and how much it weighs against what else is said. */
interface Claim {
  readonly text: string;
  readonly factor: number;
}

/** A handful of sentences: who is ahead, in what and how far; how it grows; what is not told apart. */
export function sentencesOf(verdicts: readonly Verdict[], series: readonly Series[]): string[] {
  const counted = verdicts.filter(({ measurement }) => isLastOfSeries(measurement, series));
  const byLeaders = grouped(
    counted.filter((verdict) => leads(verdict)),
    ({ measurement, best }) => JSON.stringify([measurement.group, best.toSorted()]),
  );
  const leading = [...byLeaders.values()].map(leadSentence).sort((a, b) => b.factor - a.factor);
  return [...leading.map(({ text }) => text), ...series.flatMap(growthSentence), ...openSentences(counted)];
}

/** Of a series, the greatest number speaks for all. */
function isLastOfSeries({ name, parameter }: Measurement, series: readonly Series[]): boolean {
  return !parameter || series.some(({ measurements }) => measurements.at(-1)?.name === name);
}

/** Somebody is behind all of the best. */
function leads(verdict: Verdict): boolean {
  return (verdict.outcome === 'winner' || verdict.outcome === 'tie') && trailing(verdict).length > 0;
}

/** Who is parted from every one of the best, the nearest first. */
function trailing({ estimates, best, behind }: Verdict): [string, Ratio | undefined][] {
  const isBehind = (name: string) =>
    best.every((leader) => differ(estimates.get(name) as Estimate, estimates.get(leader) as Estimate));
  return [...behind].filter(([name]) => isBehind(name)).sort(([, a], [, b]) => weight(a) - weight(b));
}

/** All that the same candidates are best at in a group. */
function leadSentence(verdicts: readonly Verdict[]): Claim {
  const claims = verdicts.map(clauseOf).sort((a, b) => b.factor - a.factor);
  const [{ best, measurement, estimates }] = verdicts as [Verdict];
  const leaders = [...estimates.keys()].filter((name) => best.includes(name));
  const named = claims.slice(0, MOST_NAMED).map(({ text }) => text);
  const more = claims.length - named.length;
  const rest = more > 0 ? `; and ${more} more` : '';
  const who = leaders.length === 1 ? `${leaders[0]} is` : `${listed(leaders)} are level, and`;
  return { text: `${who} ahead in ${measurement.group}: ${named.join('; ')}${rest}.`, factor: claims[0]?.factor ?? 1 };
}

/** `first write to a large file 12 times as fast as a (11 to 13), up to 40 times as fast as b`. */
function clauseOf(verdict: Verdict): Claim {
  const { measurement, estimates, best } = verdict;
  const others = trailing(verdict);
  const [[nearest, ratio]] = others as [[string, Ratio | undefined]];
  const [furthest, most] = others.at(-1) as [string, Ratio | undefined];
  const { title, unit } = measurement;
  const factor = weight(most);
  if (!ratio) {
    const amount = (name: string) => formatQuantity(estimates.get(name)?.median as number, unit);
    return { text: `${title}, ${amount(best[0] as string)} against ${amount(nearest)} of ${nearest}`, factor };
  }
  const words = comparative(measurement);
  const up = furthest === nearest || !most ? '' : `, up to ${formatFactor(most.factor)} times ${words} ${furthest}`;
  const interval = formatFactorInterval(ratio);
  const within = interval && ` (${interval})`;
  return { text: `${title}, ${formatFactor(ratio.factor)} times ${words} ${nearest}${within}${up}`, factor };
}

/** How the best stands to another. */
export function comparative({ unit, better }: Pick<Measurement, 'unit' | 'better'>): string {
  if (unit === 'ns') return better === 'less' ? 'as fast as' : 'as long as';
  if (unit === 'count') return better === 'less' ? 'fewer than' : 'as many as';
  if (unit === 'bytes') return better === 'less' ? 'less than' : 'as much as';
  return better === 'more' ? 'as fast as' : 'slower than';
}

/** `disk space, from 1 to 50 containers: a grows in proportion (50 times), b stays the same`. */
function growthSentence({ title, label, measurements, growth }: Series): string[] {
  if (growth.size === 0) return [];
  const [from, to] = [measurements[0], measurements.at(-1)].map((one) => one?.parameter?.value as number);
  const unit = measurements[0]?.unit as Unit;
  const parts = [...growth].map(([name, one]) => `${name} ${growthWords(one, unit)}`);
  return [`${capital(title)}, from ${from} to ${to} ${label}: ${parts.join('; ')}.`];
}

/** `grows in a straight line, by 1.7 ms each (40 times)`. */
export function growthWords({ kind, times, each }: Growth, unit: Unit): string {
  const factor = `${formatFactor(times.factor)} times`;
  if (kind === 'linear') return `grows in a straight line, by ${formatQuantity(each, unit)} each (${factor})`;
  if (kind === 'faster') return `grows, ever more (${factor})`;
  if (kind === 'between') return `grows, ever less (${factor})`;
  const isSame = Math.abs(times.factor - 1) < 0.01 || (times.low <= 1 && times.high >= 1);
  return isSame ? 'stays the same' : `hardly changes (${factor})`;
}

/** What the samples do not decide, and what nobody should read a decision into. */
function openSentences(verdicts: readonly Verdict[]): string[] {
  const titles = (outcome: Verdict['outcome']) =>
    verdicts.filter((one) => one.outcome === outcome && !leads(one)).map(({ measurement }) => measurement.title);
  const sentence = (words: string, found: string[]) => (found.length > 0 ? [`${words}: ${found.join('; ')}.`] : []);
  return [
    ...sentence('Not told apart', titles('tie')),
    ...sentence('The same for all', titles('equal')),
    ...sentence('Too few samples to say anything', titles('few')),
  ];
}

export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Nothing against something outweighs every factor. */
function weight(ratio: Ratio | undefined): number {
  return ratio?.factor ?? Number.POSITIVE_INFINITY;
}
