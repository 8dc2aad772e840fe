import { afterEach, describe, expect, it } from 'vitest';
import { formatAge, formatBytes } from '../../../cli/human.js';
import { wantsColor } from '../../../cli/output.js';
import { formatTrace } from '../../../cli/plan-table.js';
import { formatError } from '../../../cli/report-error.js';
import { formatTable } from '../../../cli/table.js';
import { TsboxError } from '../../../core/plugin/error.js';

describe('an error', () => {
  const error = new TsboxError('ERR_TSBOX_USAGE', {
    what: 'cannot do it',
    why: 'it is late',
    fix: ['sleep', 'try again'],
    cause: new Error('deep'),
  });
  afterEach(() => {
    error.undoErrors = [];
  });

  it('is what and why, the fixes, and the code', () => {
    const text = 'tsbox: cannot do it: it is late\n  fix: sleep\n  fix: try again\n  ERR_TSBOX_USAGE\n';
    expect(formatError(error, { debug: false, color: false })).toBe(text);
  });

  it('has stacks with --debug only, the cause last', () => {
    expect(formatError(error, { debug: true, color: false })).toMatch(
      /ERR_TSBOX_USAGE\nTsboxError: [\s\S]*\n {4}at [\s\S]*Caused by: Error: deep\n {4}at /,
    );
  });

  it('lists what could not be undone', () => {
    error.undoErrors = [new Error('rmdir: busy')];
    expect(formatError(error, { debug: false, color: false })).toContain(
      '  and could not undo: rmdir: busy\n  fix: tsbox gc\n',
    );
  });

  it('is coloured where colours are wanted', () => {
    expect(formatError(error, { debug: false, color: true })).toContain('\u001b[1mtsbox:\u001b[0m');
  });
});

describe('colours', () => {
  const NOT_A_TERMINAL = -1;
  it('are for terminals', () => expect(wantsColor(NOT_A_TERMINAL, {})).toBe(false));
  it('FORCE_COLOR wants them anyway', () => expect(wantsColor(NOT_A_TERMINAL, { FORCE_COLOR: '1' })).toBe(true));
  it('FORCE_COLOR=0 does not', () => expect(wantsColor(NOT_A_TERMINAL, { FORCE_COLOR: '0' })).toBe(false));
  it('NO_COLOR wins', () => expect(wantsColor(NOT_A_TERMINAL, { NO_COLOR: '1', FORCE_COLOR: '1' })).toBe(false));
});

describe('a table', () => {
  it('aligns columns and leaves no blanks at the ends', () => {
    expect(formatTable([['a', 'bb', 'c'], ['aaa', 'b'], []])).toBe('a    bb  c\naaa  b\n\n');
  });

  it('of nothing is nothing', () => {
    expect(formatTable([])).toBe('');
  });
});

describe('a trace', () => {
  it('has a duration for each line, and none for what was jumped over', () => {
    const entry = { where: 'child', plugin: 'mounts', hook: 'childSetup', action: 'fsopen', target: 'proc' } as const;
    const text = formatTrace([{ ...entry, durationNs: 12_345 }, entry]);
    expect(text.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['12.3 us', 'child', 'mounts', 'fsopen', 'proc'],
      ['-', 'child', 'mounts', 'fsopen', 'proc'],
      [''],
    ]);
  });

  it('shortens ids and long targets, and stays on one line', () => {
    const entry = {
      where: 'engine',
      plugin: 'engine',
      hook: 'preClone',
      action: 'mkdir',
      target: `/x/${'ab'.repeat(32)}/y\nz${'z'.repeat(300)}`,
    } as const;
    const text = formatTrace([entry]);
    expect(text).toContain('/x/abababababab…/y\\nz');
    expect(text.trim().split('\n')).toHaveLength(1);
    expect(text).toMatch(/z…\n$/);
  });
});

describe('for people', () => {
  it.each([
    [0, 'Less than a second ago'],
    [-5, 'Less than a second ago'],
    [1_999, '1 second ago'],
    [59_999, '59 seconds ago'],
    [60_000, 'About a minute ago'],
    [119_999, 'About a minute ago'],
    [120_000, '2 minutes ago'],
    [46 * 60_000, '46 minutes ago'],
    [3_600_000, 'About an hour ago'],
    [7_200_000, '2 hours ago'],
    [47 * 3_600_000, '47 hours ago'],
    [48 * 3_600_000, '2 days ago'],
    [14 * 86_400_000, '2 weeks ago'],
    [61 * 86_400_000, '2 months ago'],
    [729 * 86_400_000, '24 months ago'],
    [731 * 86_400_000, '2 years ago'],
  ])('%d ms is %s', (milliseconds, text) => expect(formatAge(milliseconds)).toBe(text));

  it.each([
    [0, '0B'],
    [999, '999B'],
    [1_982_000, '1.98MB'],
    [2e9, '2GB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});
