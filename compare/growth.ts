import { logSlope, type Point, type Ratio, ratioOf, steepening } from './bootstrap.js';
import { grouped } from './grouped.js';
import type { Measurement } from './report.js';
import { estimate } from './statistics.js';

/** Measurements that differ in one number only. */
export interface Series {
  readonly name: string;
  /** What their titles have in common. */
  readonly title: string;
  /** Of the number: `containers`. */
  readonly label: string;
  /** By that number. */
  readonly measurements: readonly Measurement[];
  /** Of each candidate of which the data shows it. */
  readonly growth: ReadonlyMap<string, Growth>;
}

/** How a quantity answers to the number: it stays, grows in a straight line, or ever less, or ever more. */
export interface Growth {
  readonly kind: 'constant' | 'linear' | 'between' | 'faster';
  /** How many times more it is at the greatest number than at the smallest. */
  readonly times: Ratio;
  /** What each step of the number adds, over all of them. */
  readonly each: number;
}

/** A line through two points shows no shape. */
const FEWEST_POINTS = 3;
/** Over less than that, all shapes look alike. */
const SHORTEST_SPAN = 4;
/** What stays has an exponent this near to 0 (of a power of the number): over a hundredfold, a factor of 1.6. */
const FLAT = 0.1;
/** A straight line is as steep at its end as at its beginning, give or take this factor. */
const STRAIGHT = 1.5;
/** Words that lead to the number, and end no title. */
const LINKS = ['of', 'for', 'with', 'by', 'at', 'in', 'from', 'to', 'and', 'an', 'a', ''];

/** All series of a report, each where its first measurement stands. */
export function seriesOf(measurements: readonly Measurement[], names: readonly string[]): Series[] {
  const bySeries = grouped(
    measurements.filter(({ parameter }) => parameter !== undefined),
    ({ parameter }) => parameter?.series as string,
  );
  return [...bySeries].map(([name, members]) => {
    const sorted = members.toSorted((a, b) => parameterOf(a) - parameterOf(b));
    const growths = names.flatMap((candidate) => {
      const growth = growthOf(pointsOf(sorted, candidate));
      return growth ? [[candidate, growth] as const] : [];
    });
    const label = (sorted[0] as Measurement).parameter?.label as string;
    const title = commonTitle(sorted, label) || name;
    return { name, title, label, measurements: sorted, growth: new Map(growths) };
  });
}

/** What the points show; undefined where they show nothing. */
export function growthOf(points: readonly Point[]): Growth | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length < FEWEST_POINTS || last.x < first.x * SHORTEST_SPAN) return undefined;
  const times = ratioOf(last.samples, first.samples, false);
  const exponent = logSlope(points);
  if (!times || !exponent) return undefined;
  const isFlat = exponent.low >= -FLAT && exponent.high <= FLAT;
  const kind = isFlat ? 'constant' : times.low > 1 ? shapeOf(steepening(points)) : undefined;
  const added = estimate(last.samples).median - estimate(first.samples).median;
  return kind && { kind, times, each: added / (last.x - first.x) };
}

/** The samples of a candidate in a series that has been sorted. */
export function pointsOf(measurements: readonly Measurement[], candidate: string): Point[] {
  return measurements.flatMap((measurement) => {
    const samples = measurement.samples[candidate] ?? [];
    return samples.length > 0 ? [{ x: parameterOf(measurement), samples }] : [];
  });
}

/** Only what the whole interval allows is said. */
function shapeOf(steeper: Ratio | undefined): Growth['kind'] | undefined {
  if (!steeper) return undefined;
  if (steeper.low >= 1 / STRAIGHT && steeper.high <= STRAIGHT) return 'linear';
  if (steeper.low > STRAIGHT) return 'faster';
  return steeper.high < 1 / STRAIGHT ? 'between' : undefined;
}

function parameterOf({ parameter }: Measurement): number {
  return parameter?.value as number;
}

/** `disk space of 10 containers`, `disk space of 50 containers`: `disk space`. What the label says is left out. */
function commonTitle(members: readonly Measurement[], label: string): string {
  const titles = members.map(({ title }) => title.split(' '));
  const [first = []] = titles;
  const differs = first.findIndex((word, index) => titles.some((words) => bare(words[index] ?? '') !== bare(word)));
  const words = differs === -1 ? [...first] : first.slice(0, differs);
  const isLoose = (word: string) => LINKS.includes(word) || (differs !== -1 && label.split(' ').includes(word));
  while (words.length > 0 && isLoose(bare(words.at(-1) as string))) words.pop();
  return bare(words.join(' '));
}

function bare(word: string): string {
  return word.replace(/[\s:,;(]+$/, '');
}
