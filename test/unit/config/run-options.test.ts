import { Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { longFlag, RUN_KEYS, runOption, variableName } from '../../../core/config/run-options.js';

describe('the table of flags', () => {
  it.each(RUN_KEYS)('%s is the camelCase of its flag', (key) => {
    const option = new Option(runOption(key).flags);
    expect(option.attributeName()).toBe(key);
    expect(option.long).toBe(longFlag(key));
  });

  it.each(RUN_KEYS)('%s takes a value exactly when it is not a boolean, and then shows a good one', (key) => {
    const { flags, kind, example } = runOption(key);
    expect(flags.includes('<')).toBe(kind !== 'boolean');
    expect(example !== undefined).toBe(kind !== 'boolean');
  });

  it('no short flag is given twice', () => {
    const short = RUN_KEYS.map((key) => new Option(runOption(key).flags).short).filter((flag) => flag);
    expect(new Set(short).size).toBe(short.length);
  });

  it('variables are upper case with underscores', () => {
    expect(variableName('memorySwap')).toBe('TSBOX_MEMORY_SWAP');
  });
});
