import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from '../../../core/plugin/nearest.js';

describe('the nearest word', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', '', 3],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['memroy', 'memory', 1],
    ['ab', 'ba', 1],
  ])('from %j to %j it is %d edits', (from, to, edits) => {
    expect(editDistance(from, to)).toBe(edits);
  });

  it('is the one with the fewest edits', () => {
    expect(nearest('storge', ['network', 'storage', 'store'])).toBe('storage');
  });

  it('is none when none is near', () => {
    expect(nearest('xyz', ['network', 'storage'])).toBeUndefined();
    expect(nearest('ab', ['cd'])).toBeUndefined();
  });

  it('does not mind upper and lower case', () => {
    expect(nearest('ReadOnyl', ['readOnly'])).toBe('readOnly');
  });
});
