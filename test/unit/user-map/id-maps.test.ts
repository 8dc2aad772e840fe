import { describe, expect, test } from 'vitest';
import { outsideId } from '../../../core/plugin/index.js';
import {
  covered,
  formatMap,
  isWithin,
  parseMap,
  rangeMaps,
  rangeProblem,
  singleMaps,
  subordinateMap,
} from '../../../plugins/user-map/id-maps.js';

describe('a run of ids', () => {
  test('may end at the last id and not beyond', () => {
    expect(rangeProblem({ start: 4294967294, size: 1 })).toBeUndefined();
    expect(rangeProblem({ start: 4294967294, size: 2 })).toContain('beyond the last');
    expect(rangeProblem({ start: 4294967295, size: 1 })).toContain('beyond the last');
    expect(rangeProblem({ start: 0, size: 4294967295 })).toBeUndefined();
    expect(rangeProblem({ start: 0, size: 4294967296 })).toContain('beyond the last');
  });

  test.each([
    { start: -1, size: 1 },
    { start: 1.5, size: 1 },
    { start: Number.NaN, size: 1 },
    { start: 0, size: 0 },
    { start: 0, size: -5 },
    { start: 0, size: 2 ** 60 },
  ])('%j is refused', (range) => {
    expect(rangeProblem(range)).toBeDefined();
  });
});

describe('maps', () => {
  test('of a single id deny setgroups', () => {
    expect(singleMaps(1000, 100)).toEqual({
      uids: [{ inside: 0, outside: 1000, size: 1 }],
      gids: [{ inside: 0, outside: 100, size: 1 }],
      setgroups: 'deny',
    });
  });

  test('of subordinate ids begin with the caller and have no gap inside', () => {
    const map = subordinateMap(1000, [
      { start: 100000, size: 1000 },
      { start: 300000, size: 5 },
    ]);
    expect(formatMap(map)).toBe('0 1000 1\n1 100000 1000\n1001 300000 5\n');
  });

  test('leave out a range that holds the caller or another range', () => {
    const ranges = [
      { start: 900, size: 200 },
      { start: 5000, size: 10 },
      { start: 5009, size: 10 },
      { start: 5010, size: 1 },
    ];
    expect(formatMap(subordinateMap(1000, ranges))).toBe('0 1000 1\n1 5000 10\n11 5010 1\n');
  });

  test('have at most 340 lines', () => {
    const ranges = Array.from({ length: 400 }, (_, index) => ({ start: 100000 + index * 10, size: 1 }));
    expect(subordinateMap(1000, ranges)).toHaveLength(340);
  });

  test('do not go beyond the last id inside', () => {
    const map = subordinateMap(1000, [
      { start: 2000, size: 4294960000 },
      { start: 1500, size: 100 },
    ]);
    expect(map.every(({ inside, size }) => inside + size - 1 <= 4294967294)).toBe(true);
  });

  test('translate an id inside to the one outside', () => {
    const map = subordinateMap(1000, [{ start: 100000, size: 10 }]);
    expect([0, 1, 10, 11].map((id) => outsideId(id, map))).toEqual([1000, 100000, 100009, undefined]);
  });

  test('are read back as they are written', () => {
    const { uids } = rangeMaps(100000, 200000, 65536);
    expect(parseMap(formatMap(uids))).toEqual(uids);
    expect(parseMap('         0          0 4294967295\n')).toEqual([{ inside: 0, outside: 0, size: 4294967295 }]);
  });
});

describe('being within ranges', () => {
  test('holds across two that touch, not across a gap', () => {
    const touching = [
      { start: 10, size: 5 },
      { start: 15, size: 5 },
    ];
    expect(covered({ start: 12, size: 8 }, touching)).toBe(true);
    expect(covered({ start: 12, size: 9 }, touching)).toBe(false);
    expect(
      covered({ start: 12, size: 8 }, [
        { start: 10, size: 5 },
        { start: 16, size: 5 },
      ]),
    ).toBe(false);
  });

  test('is asked of every line of a map', () => {
    const map = subordinateMap(1000, [{ start: 2000, size: 5 }]);
    expect(isWithin(map, [{ start: 2000, size: 5 }])).toBe(false);
    expect(
      isWithin(map, [
        { start: 2000, size: 5 },
        { start: 1000, size: 1 },
      ]),
    ).toBe(true);
  });
});
