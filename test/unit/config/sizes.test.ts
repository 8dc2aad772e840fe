import { describe, expect, it } from 'vitest';
import { durationInMilliseconds } from '../../../core/config/parse/duration.js';
import { sizeInBytes } from '../../../core/config/parse/size.js';

describe('sizes', () => {
  it.each([
    ['1', 1],
    ['1b', 1],
    ['64k', 65_536],
    ['64K', 65_536],
    ['256m', 268_435_456],
    ['256mb', 268_435_456],
    ['1MiB', 1_048_576],
    ['1.5g', 1_610_612_736],
    ['2t', 2_199_023_255_552],
  ])('%s is %d bytes', (text, bytes) => {
    expect(sizeInBytes(text)).toBe(bytes);
  });

  it.each(['', 'banana', '-1', '1e3', '0x10', '1 mm', 'm', ' 1', '1 ', '٣', '99999999t', '1,5g', 'NaN'])(
    '%j is no size',
    (text) => {
      expect(sizeInBytes(text)).toBeUndefined();
    },
  );
});

describe('durations', () => {
  it.each([
    ['300ms', 300],
    ['10s', 10_000],
    ['1m', 60_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
  ])('%s is %d milliseconds', (text, milliseconds) => {
    expect(durationInMilliseconds(text)).toBe(milliseconds);
  });

  it.each(['', '10', 's', '10 s', '-1s', '1x', '1s2'])('%j is no duration', (text) => {
    expect(durationInMilliseconds(text)).toBeUndefined();
  });
});
