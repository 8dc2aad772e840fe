import { constants } from 'node:os';
import { expect, it } from 'vitest';
import { ERRNO, errnoName, errnoNumber } from '../../../core/kernel/errno.js';

it('has all that Node knows, with its numbers', () => {
  expect(ERRNO).toMatchObject(constants.errno);
});

it('names them as the man pages do', () => {
  expect(errnoName(11)).toBe('EAGAIN');
  expect(errnoName(95)).toBe('EOPNOTSUPP');
  expect(errnoName(4711)).toBe('errno 4711');
  expect(errnoNumber('EDQUOT')).toBe(122);
  expect(() => errnoNumber('ENOSUCH')).toThrow(RangeError);
});
