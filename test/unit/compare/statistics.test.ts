import { describe, expect, it } from 'vitest';
import { logSlope, ratioOf, seeded } from '../../../compare/bootstrap.js';
import { estimate, parted } from '../../../compare/statistics.js';

/** Skewed, as times are. */
function skewed(count: number, centre: number, seed: number): number[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => centre * Math.exp(-Math.log(1 - random()) - Math.LN2));
}

/** P(the median lies between the k + 1 smallest and the k + 1 greatest of n), without an approximation. */
function coverage(count: number, outside: number): number {
  let term = 2 ** -count;
  let tail = term;
  for (let index = 1; index <= outside; index++) {
    term *= (count - index + 1) / index;
    tail += term;
  }
  return 1 - 2 * tail;
}

describe('the estimate of a median', () => {
  it('is the middle sample, or the middle of both', () => {
    expect(estimate([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3, count: 3 });
    expect(estimate([4, 1, 2, 3]).median).toBe(2.5);
    expect(estimate([7])).toEqual({ median: 7, low: 7, high: 7, count: 1 });
    expect(() => estimate([])).toThrow(RangeError);
  });

  it('has the narrowest interval of order statistics that holds the median with 95 %, for every count', () => {
    for (let count = 6; count <= 400; count++) {
      const { low } = estimate(Array.from({ length: count }, (_, index) => index));
      expect(coverage(count, low), `${count}`).toBeGreaterThanOrEqual(0.95);
      expect(coverage(count, low + 1), `${count}`).toBeLessThan(0.95);
    }
  });

  it('has the interval of tables: 20 samples from the 6th to the 15th, 100 from the 40th to the 61st', () => {
    const order = (count: number) => estimate(Array.from({ length: count }, (_, index) => index + 1));
    expect(order(20)).toEqual({ median: 10.5, low: 6, high: 15, count: 20 });
    expect(order(100)).toEqual({ median: 50.5, low: 40, high: 61, count: 100 });
    expect(order(10_000)).toMatchObject({ low: 4903, high: 5098 });
  });

  it('holds the true median in 95 of 100 experiments with skewed samples', () => {
    const experiments = Array.from({ length: 1000 }, (_, seed) => estimate(skewed(20, 10, seed)));
    const held = experiments.filter(({ low, high }) => low <= 10 && 10 <= high).length;
    expect(held).toBeGreaterThan(930);
    expect(held).toBeLessThan(990);
  });

  it('parts from another only where the intervals do not touch', () => {
    const between = (low: number, high: number) => ({ median: (low + high) / 2, low, high, count: 20 });
    expect(parted(between(1, 2), between(3, 4))).toBe(true);
    expect(parted(between(3, 4), between(1, 2))).toBe(true);
    expect(parted(between(1, 3), between(3, 4))).toBe(false);
    expect(parted(between(1, 9), between(3, 4))).toBe(false);
  });
});

describe('the ratio of two medians', () => {
  it('holds the true one in about 95 of 100 experiments', () => {
    const found = Array.from({ length: 200 }, (_, seed) =>
      ratioOf(skewed(30, 40, seed), skewed(30, 10, seed + 1000), true),
    );
    const held = found.filter((ratio) => ratio && ratio.low <= 4 && 4 <= ratio.high).length;
    expect(held).toBeGreaterThan(180);
  });

  it('knows by pairs what a drifting machine hides: all rounds slow down, and the ratio stays', () => {
    const drift = Array.from({ length: 30 }, (_, round) => 1 + round / 10);
    const random = seeded(5);
    const near = (value: number) => value * (1 + 0.02 * random());
    const [slow, fast] = [drift.map((one) => near(one * 20)), drift.map((one) => near(one * 10))];
    const width = (paired: boolean) => {
      const { low, high } = ratioOf(slow, fast, paired)!;
      return high - low;
    };
    expect(ratioOf(slow, fast, true)!.factor).toBeCloseTo(2, 1);
    expect(width(true)).toBeLessThan(width(false) / 3);
  });

  it('is the same each time, and exact where nothing is spread', () => {
    const [a, b] = [skewed(20, 4, 1), skewed(20, 2, 2)];
    expect(ratioOf(a, b, true)).toEqual(ratioOf(a, b, true));
    expect(ratioOf([500], [100], true)).toEqual({ factor: 5, low: 5, high: 5 });
  });

  it('is as wide as both intervals allow where there are too few samples', () => {
    expect(ratioOf([30, 40, 50], [10, 20, 10], true)).toEqual({ factor: 4, low: 1.5, high: 5 });
  });

  it('is none of nothing', () => {
    expect(ratioOf([5], [0], true)).toBeUndefined();
    expect(ratioOf([-5], [1], true)).toBeUndefined();
  });
});

describe('the exponent of a growth', () => {
  const points = (of: (x: number) => number) => [1, 10, 50].map((x) => ({ x, samples: [of(x)] }));

  it('is 0 of what stays, 1 of what is in proportion, 0.5 of a square root', () => {
    expect(logSlope(points(() => 7))?.factor).toBeCloseTo(0);
    expect(logSlope(points((x) => 7 * x))?.factor).toBeCloseTo(1);
    expect(logSlope(points((x) => Math.sqrt(x)))?.factor).toBeCloseTo(0.5);
  });

  it('has no meaning where something is zero', () => {
    expect(logSlope(points((x) => x - 1))).toBeUndefined();
  });
});
