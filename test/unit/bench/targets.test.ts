import { describe, expect, it } from 'vitest';
import type { Result } from '../../../bench/result.js';
import { ratioOf } from '../../../bench/statistics.js';
import { holds, judge, type Target } from '../../../bench/summary/targets.js';

const TARGET: Target = { text: 'own', bench: 'b', table: 't', row: 'own', column: 'c', limit: 1.2 };

function result(row: string, value: number, more: Partial<Result> = {}): Result {
  return {
    date: '2026-01-01T00:00:00.000Z',
    commit: 'abc',
    host: { kernel: '6.1', node: '20.0.0', cpu: 'x', cpus: 2, memory: 1 },
    bench: 'b',
    table: 't',
    row,
    unit: 'ns',
    samples: 100,
    medians: { c: value * 10 },
    ratios: { c: { value, low: value * 0.9, high: value * 1.1 } },
    ...more,
  };
}

describe('a target', () => {
  it('holds where what was measured is at most its limit', () => {
    const verdict = judge(TARGET, [result('first', 1), result('own', 1.19)]);
    expect(verdict).toMatchObject({ measured: 1.19, samples: 100 });
    expect(holds(verdict)).toBe(true);
    expect(holds(judge(TARGET, [result('own', 1.21)]))).toBe(false);
  });

  it('is not measured where there is no such row, no such table or no such column', () => {
    const other = [result('own', 1, { table: 'other' }), result('others', 1), result('own', 1, { bench: 'c' })];
    expect(holds(judge(TARGET, other.slice(0, 1)))).toBeUndefined();
    expect(holds(judge(TARGET, other.slice(2)))).toBeUndefined();
    expect(holds(judge({ ...TARGET, column: 'd' }, [result('own', 1)]))).toBeUndefined();
  });

  it('is judged by the newest measurement', () => {
    expect(judge(TARGET, [result('own', 2), result('own', 1.1)]).measured).toBe(1.1);
  });

  it('of how many times as fast is the ratio the other way round, its interval too', () => {
    const fast: Target = { ...TARGET, against: 'other', faster: true, limit: 2 };
    const verdict = judge(fast, [result('own', 1), result('other', 2.5)]);
    expect(verdict.measured).toBeCloseTo(2.5);
    expect(verdict.low).toBeLessThan(2.5);
    expect(verdict.high).toBeGreaterThan(2.5);
    expect(holds(verdict)).toBe(true);
    expect(holds(judge(fast, [result('own', 1), result('other', 1.9)]))).toBe(false);
    expect(judge(fast, [result('own', 1)]).measured).toBeUndefined();
  });
});

describe('a ratio', () => {
  it('has the interval of the ratios of single rounds, which a drifting machine does not widen', () => {
    const drift = [1, 3, 2, 5, 4, 9, 7, 8];
    const base = drift.flatMap((factor) => [10 * factor, 10 * factor]);
    const twice = drift.flatMap((factor) => [20 * factor, 20 * factor]);
    expect(ratioOf(twice, base, 2)).toEqual({ value: 2, low: 2, high: 2 });
  });
});
