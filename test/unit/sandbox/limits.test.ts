import { describe, expect, it } from 'vitest';
import { readRlimit, UNLIMITED } from '../../../core/plugin/index.js';
import { limitsOf } from '../../../core/plugin/rlimits-of.js';
import { gate } from '../../support/recording.js';

describe('limits', () => {
  it('allow no core files, and no more than 1024 open files at first', () => {
    const limits = limitsOf([], gate);
    expect(limits.get('core')).toEqual({ soft: 0n, hard: 0n });
    const { hard } = readRlimit(gate, 'nofile');
    expect(limits.get('nofile') ?? { soft: 0n, hard }).toEqual({ soft: hard < 1024n ? 0n : 1024n, hard });
  });

  it('are what was asked for, the last word counting', () => {
    const limits = limitsOf(
      [
        { name: 'nofile', soft: 32, hard: 32 },
        { name: 'nofile', soft: 16, hard: 64 },
      ],
      gate,
    );
    expect(limits.get('nofile')).toEqual({ soft: 16n, hard: 64n });
  });

  it('take -1 for unlimited', () => {
    const { hard } = readRlimit(gate, 'fsize');
    if (hard !== UNLIMITED)
      return expect(() => limitsOf([{ name: 'fsize', soft: -1, hard: -1 }], gate)).toThrow(/never raised/);
    return expect(limitsOf([{ name: 'fsize', soft: 1, hard: -1 }], gate).get('fsize')).toEqual({
      soft: 1n,
      hard: UNLIMITED,
    });
  });

  it('are not raised above the hard limit of the caller', () => {
    const { hard } = readRlimit(gate, 'nofile');
    const above = Number(hard) + 1;
    expect(() => limitsOf([{ name: 'nofile', soft: above, hard: above }], gate)).toThrow(
      `the hard limit of tsbox itself is ${hard}`,
    );
  });

  it('have names', () => {
    expect(() => limitsOf([{ name: 'toString', soft: 1, hard: 1 }], gate)).toThrow(/no such limit/);
  });
});
