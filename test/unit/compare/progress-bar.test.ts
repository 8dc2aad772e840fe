import { describe, expect, it } from 'vitest';
import { formatProgress, ProgressBar } from '../../../cli/progress-bar.js';

describe('the progress of a comparison', () => {
  it('is a bar, a percentage, what is done, and how long it still takes', () => {
    expect(formatProgress({ what: 'start: copy', done: 12, total: 48 }, 10_000)).toBe(
      '[######------------------]  25 %  start: copy, 30 s left',
    );
    expect(formatProgress({ what: 'start: copy', done: 24, total: 48 }, 100_000)).toMatch(/50 % .*, 2 min left$/);
  });

  it('promises nothing at the beginning', () => {
    expect(formatProgress({ what: 'start: copy', done: 1, total: 48 }, 10_000)).toMatch(/start: copy$/);
    expect(formatProgress({ what: 'making an image', done: 0, total: 0 }, 0)).toBe('making an image ...');
  });

  it('is not shown where stderr is no terminal, or nobody wants it', () => {
    const written: unknown[] = [];
    const bar = new ProgressBar({ quiet: false, terminal: false, write: (text) => written.push(text) });
    const quiet = new ProgressBar({ quiet: true, terminal: true, write: (text) => written.push(text) });
    for (const one of [bar, quiet]) {
      one.show({ what: 'start', done: 1, total: 2 });
      one.clear();
    }
    expect(written).toEqual([]);
  });

  it('is one line of the terminal, which is written over and taken away', () => {
    const written: string[] = [];
    const bar = new ProgressBar({ quiet: false, terminal: true, write: (text) => written.push(text) });
    bar.show({ what: 'x'.repeat(200), done: 1, total: 2 });
    bar.clear();
    expect(written.map((text) => text.slice(0, 4))).toEqual(['\r\u001b[K', '\r\u001b[K']);
    expect(written[0]?.length).toBeLessThan(80 + 4);
    expect(written[1]).toHaveLength(4);
  });
});
