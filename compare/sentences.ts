import { grouped } from './grouped.js';
import type { Growth, Series } from './growth.js';
import type { Measurement, Unit } from './report.js';
import { greatest, leaders, leads, listed, standing } from './standing.js';
import { formatFactor, formatQuantity } from './units.js';
import type { Verdict } from './verdict.js';

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
export function isLastOfSeries({ name, parameter }: Measurement, series: readonly Series[]): boolean {
  return !parameter || series.some(({ measurements }) => measurements.at(-1)?.name === name);
}

/** All that the same candidates are best at in a group. */
function leadSentence(verdicts: readonly Verdict[]): Claim {
  const claims = verdicts.map(clauseOf).sort((a, b) => b.factor - a.factor);
  const [first] = verdicts as [Verdict];
  const named = claims.slice(0, MOST_NAMED).map(({ text }) => text);
  const more = claims.length - named.length;
  const rest = more > 0 ? `; and ${more} more` : '';
  const names = leaders(first);
  const who = names.length === 1 ? `${names[0]} is` : `${listed(names)} are level, and`;
  return {
    text: `${who} ahead (${first.measurement.group}): ${named.join('; ')}${rest}.`,
    factor: claims[0]?.factor ?? 1,
  };
}

/** `first write to a large file, 12 times as fast as a (11 to 13)`. */
function clauseOf(verdict: Verdict): Claim {
  return { text: `${verdict.measurement.title}, ${standing(verdict)}`, factor: greatest(verdict) };
}

/** `Disk space, by containers (1 to 50): a grows in a straight line, by 500 MB each (50 times); b stays the same.` */
function growthSentence({ title, label, measurements, growth }: Series): string[] {
  if (growth.size === 0) return [];
  const [from, to] = [measurements[0], measurements.at(-1)].map((one) => one?.parameter?.value as number);
  const unit = measurements[0]?.unit as Unit;
  const parts = [...growth].map(([name, one]) => `${name} ${growthWords(one, unit)}`);
  return [`${capital(title)}, by ${label} (${from} to ${to}): ${parts.join('; ')}.`];
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

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
