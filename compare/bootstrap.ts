import { type Estimate, estimate, FEWEST } from './statistics.js';

/** How many times one quantity is another, with the interval that holds the true factor in 95 of 100 experiments. */
export interface Ratio {
  readonly factor: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 1000;
const TAIL = 0.025;
/** Always the same: a report says the same whenever it is read. */
const SEED = 0x7362_6f78;

/**
 * The ratio of two medians, by the bootstrap (Efron and Tibshirani, An Introduction to the Bootstrap, 13.3).
 * @param paired the samples of one round are drawn together: what slowed the machine down in it slowed both down
 * @returns undefined where a median is not above zero: nothing is so many times of that
 */
export function ratioOf(above: readonly number[], below: readonly number[], paired: boolean): Ratio | undefined {
  const [a, b] = [estimate(above), estimate(below)];
  if (a.median <= 0 || b.median <= 0) return undefined;
  const factor = a.median / b.median;
  if (Math.min(a.count, b.count) < FEWEST) return { factor, ...ends(a, b, factor) };
  const random = seeded(SEED);
  const [numerator, denominator] = [new Resampled(above), new Resampled(below)];
  const [drawn, other] = [new Uint32Array(a.count), new Uint32Array(b.count)];
  const together = paired && a.count === b.count;
  const found = Array.from({ length: RESAMPLES }, () => {
    draw(drawn, random);
    if (!together) draw(other, random);
    return numerator.median(drawn) / denominator.median(together ? drawn : other);
  });
  return { factor, ...inner(found) };
}

/** What a number of a resampling is computed from. */
export interface Point {
  readonly x: number;
  readonly samples: readonly number[];
}

/** The slope of the line through the medians in a double logarithmic plot: 0 is constant, 1 in proportion. */
export function logSlope(points: readonly Point[]): Ratio | undefined {
  const xs = points.map(({ x }) => Math.log(x));
  return ofMedians(points, (medians) => slope(xs, medians.map(Math.log)));
}

/** How many times steeper the line through the medians is between the last two points than between the first two. */
export function steepening(points: readonly Point[]): Ratio | undefined {
  return ofMedians(points, (medians) => {
    const steep = (index: number) => {
      const [from, to] = [points[index] as Point, points[index + 1] as Point];
      return ((medians[index + 1] as number) - (medians[index] as number)) / (to.x - from.x);
    };
    return steep(points.length - 2) / steep(0);
  });
}

/** A number that is computed from all medians; undefined where it is none, or hardly ever one. */
function ofMedians(points: readonly Point[], compute: (medians: readonly number[]) => number): Ratio | undefined {
  const factor = compute(points.map(({ samples }) => estimate(samples).median));
  const random = seeded(SEED);
  const all = points.map(({ samples }) => ({
    resampled: new Resampled(samples),
    drawn: new Uint32Array(samples.length),
  }));
  const drawnMedian = ({ resampled, drawn }: (typeof all)[number]) => {
    draw(drawn, random);
    return resampled.median(drawn);
  };
  const found = Array.from({ length: RESAMPLES }, () => compute(all.map(drawnMedian))).filter(Number.isFinite);
  return Number.isFinite(factor) && found.length > RESAMPLES * (1 - TAIL) ? { factor, ...inner(found) } : undefined;
}

/** Mulberry32: numbers from 0 to 1, the same for a seed everywhere. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** With too few samples to draw from: as far as the ends of both intervals allow. */
function ends(a: Estimate, b: Estimate, factor: number): { low: number; high: number } {
  return { low: Math.max(a.low, 0) / b.high, high: b.low > 0 ? a.high / b.low : factor };
}

/** Draws whole rounds: indexes of samples, with repetition. */
function draw(indexes: Uint32Array, random: () => number): void {
  const count = indexes.length;
  for (let index = 0; index < count; index++) indexes[index] = Math.floor(random() * count);
}

/** Samples that are drawn from again and again: sorted once, so that a median is counted and not sorted for. */
class Resampled {
  readonly #sorted: readonly number[];
  readonly #ranks: Uint32Array;
  readonly #drawn: Uint32Array;

  constructor(samples: readonly number[]) {
    const order = samples.map((_, index) => index).sort((a, b) => (samples[a] as number) - (samples[b] as number));
    this.#sorted = order.map((index) => samples[index] as number);
    this.#ranks = new Uint32Array(samples.length);
    for (const [rank, index] of order.entries()) this.#ranks[index] = rank;
    this.#drawn = new Uint32Array(samples.length);
  }

  median(indexes: Uint32Array): number {
    this.#drawn.fill(0);
    for (const index of indexes) (this.#drawn[this.#ranks[index] as number] as number)++;
    const [lower, upper] = [(indexes.length - 1) >> 1, indexes.length >> 1];
    let rank = 0;
    let passed = this.#drawn[0] as number;
    while (passed <= lower) passed += this.#drawn[++rank] as number;
    const low = this.#sorted[rank] as number;
    while (passed <= upper) passed += this.#drawn[++rank] as number;
    return (low + (this.#sorted[rank] as number)) / 2;
  }
}

function inner(found: number[]): { low: number; high: number } {
  const sorted = found.sort((a, b) => a - b);
  return {
    low: sorted[Math.floor(TAIL * sorted.length)] as number,
    high: sorted[Math.ceil((1 - TAIL) * sorted.length) - 1] as number,
  };
}

/** Least squares. */
function slope(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const products = xs.map((x, index) => (x - meanX) * ((ys[index] as number) - meanY));
  return mean(products) / mean(xs.map((x) => (x - meanX) ** 2));
}
