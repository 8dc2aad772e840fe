import { describe, expect, test } from 'vitest';
import { parseSubordinate } from '../../../plugins/user-map/subordinate.js';

describe('ranges of /etc/subuid', () => {
  test('are those of the owner, in the order of the file', () => {
    const text = 'ann:100000:65536\nbob:165536:65536\nann:300000:10\n';
    expect(parseSubordinate(text, ['ann'])).toEqual([
      { start: 100000, size: 65536 },
      { start: 300000, size: 10 },
    ]);
  });

  test('are found by login name and by uid', () => {
    expect(parseSubordinate('ann:1000:1\n1001:2000:2\n', ['ann', '1001'])).toHaveLength(2);
  });

  test('an owner that only begins alike is somebody else', () => {
    expect(parseSubordinate('annette:100000:65536\n', ['ann'])).toEqual([]);
  });

  test.each([
    'ann',
    'ann:100000',
    'ann::65536',
    'ann:100000:',
    'ann:0x1000:1',
    'ann:-1:1',
    'ann:1e5:1',
    'ann:100000:0',
    'ann:100000:65536:',
    'ann:4294967295:1',
    'ann:4294967294:2',
    '#ann:100000:65536',
  ])('the line %j gives nothing', (line) => {
    expect(parseSubordinate(line, ['ann'])).toEqual([]);
  });

  test('a broken line leaves the others alone', () => {
    expect(parseSubordinate('ann:x:1\nann:5:1\n', ['ann'])).toEqual([{ start: 5, size: 1 }]);
  });
});
