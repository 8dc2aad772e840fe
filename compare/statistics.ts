/** A median, and the interval that holds the true one in 95 of 100 experiments. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

const Z_95 = 1.959964;
/** With fewer, no two order statistics enclose the median with 95 %: the interval is all of the samples then. */
const FEWEST = 6;

/**
 * The median with its distribution-free interval: two order statistics, by the binomial distribution's normal
 * approximation (Conover, Practical Nonparametric Statistics, 3.2). Times are skewed; nothing is assumed of them.
 * @throws RangeError without samples
 */
export function estimate(samples: readonly number[]): Estimate {
  const count = samples.length;
  if (count === 0) throw new RangeError('no samples');
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[Math.min(Math.max(index, 0), count - 1)] as number;
  const half = (Z_95 * Math.sqrt(count)) / 2;
  const enough = count >= FEWEST;
  return {
    median: (at((count - 1) >> 1) + at(count >> 1)) / 2,
    low: enough ? at(Math.floor(count / 2 - half)) : at(0),
    high: enough ? at(Math.ceil(count / 2 + half) - 1) : at(count - 1),
    count,
  };
}

/** Whether two estimates can be told apart: only where their intervals do not touch. */
export function parted(a: Estimate, b: Estimate): boolean {
  return a.high < b.low || b.high < a.low;
}
