import { describe, expect, it } from 'vitest';
import { conclude } from '../../../compare/conclude.js';
import type { Measurement } from '../../../compare/report.js';
import { verdictOf } from '../../../compare/verdict.js';
import { measurement, reportOf, type Sketch, storageReport, swapped } from '../../support/reports.js';

const MS = 1e6;
const start: Sketch = { name: 'start', title: 'start of a container', group: 'start', unit: 'ns', centres: {} };
const given = (samples: Measurement['samples'], more: Partial<Measurement> = {}): Measurement => ({
  ...measurement({ ...start, centres: {} }),
  samples,
  ...more,
});
const sentencesOf = (...measurements: Measurement[]) => conclude(reportOf(measurements)).sentences;
const range = (from: number, step = 1) => Array.from({ length: 20 }, (_, index) => from + index * step);

describe('a verdict', () => {
  it('has a winner where its interval parts from all others, and says how far behind each is', () => {
    const verdict = verdictOf(measurement({ ...start, centres: { a: 80 * MS, b: 2 * MS, c: 9 * MS } }), [
      'a',
      'b',
      'c',
    ]);
    expect(verdict).toMatchObject({ outcome: 'winner', best: ['b'] });
    expect([...verdict.behind.keys()]).toEqual(['a', 'c']);
    const behind = verdict.behind.get('a')!;
    expect(behind.factor).toBeGreaterThan(36);
    expect(behind.factor).toBeLessThan(44);
    expect(behind.low).toBeLessThan(behind.factor);
    expect(behind.high).toBeGreaterThan(behind.factor);
  });

  it('turns round with the samples: whoever has them wins, whatever the name', () => {
    const report = storageReport();
    const turned = swapped(report, 'copy', 'overlay');
    const rename = (name: string) => ({ copy: 'overlay', overlay: 'copy' })[name] ?? name;
    const [verdicts, opposite] = [conclude(report).verdicts, conclude(turned).verdicts];
    expect(verdicts.filter(({ outcome }) => outcome === 'winner').length).toBeGreaterThan(8);
    for (const [index, { outcome, best, behind }] of verdicts.entries()) {
      expect(opposite[index]!.outcome).toBe(outcome);
      expect(new Set(opposite[index]!.best)).toEqual(new Set(best.map(rename)));
      expect(opposite[index]!.behind).toEqual(new Map([...behind].map(([name, ratio]) => [rename(name), ratio])));
    }
  });

  it('prefers more where more is better', () => {
    const rate = { ...start, unit: 'ops/s', better: 'more', centres: { a: 30_000, b: 260_000 } } as const;
    const verdict = verdictOf(measurement(rate), ['a', 'b']);
    expect(verdict).toMatchObject({ outcome: 'winner', best: ['b'] });
    expect(verdict.behind.get('a')!.factor).toBeGreaterThan(7);
  });

  it('has none where the intervals touch: then they are tied', () => {
    const verdict = verdictOf(given({ a: range(100), b: range(103) }), ['a', 'b']);
    expect(verdict).toMatchObject({ outcome: 'tie', best: ['a', 'b'] });
    expect(verdict.behind.size).toBe(0);
  });

  it('leaves the best tied, and knows who is behind them', () => {
    const verdict = verdictOf(given({ a: range(103), b: range(100), c: range(900) }), ['a', 'b', 'c']);
    expect(verdict).toMatchObject({ outcome: 'tie', best: ['b', 'a'] });
    expect([...verdict.behind.keys()]).toEqual(['c']);
  });

  it('compares what is the same each time as it is', () => {
    const space = { ...start, unit: 'bytes' as const };
    const verdict = verdictOf(given({ a: [500], b: [10] }, space), ['a', 'b']);
    expect(verdict).toMatchObject({ outcome: 'winner', best: ['b'] });
    expect(verdict.behind.get('a')).toEqual({ factor: 50, low: 50, high: 50 });
    expect(verdictOf(given({ a: [500], b: [500] }, space), ['a', 'b']).outcome).toBe('equal');
    expect(verdictOf(given({ a: [500], b: [0] }, space), ['a', 'b']).behind.get('a')).toBeUndefined();
  });

  it('is none of times with too few samples, nor of one candidate, nor of nobody', () => {
    expect(verdictOf(given({ a: [1, 1, 1], b: [9, 9, 9] }), ['a', 'b'])).toMatchObject({ outcome: 'few', best: [] });
    expect(verdictOf(given({ a: range(1) }), ['a', 'b'])).toMatchObject({ outcome: 'alone', best: ['a'] });
    expect(verdictOf(given({ a: [], b: [] }), ['a', 'b'])).toMatchObject({ outcome: 'none', best: [] });
  });
});

describe('the sentences of a report', () => {
  it('name who is ahead in what and how far, the greatest difference first', () => {
    const { sentences } = conclude(storageReport());
    expect(sentences[0]).toMatch(
      /^overlay and tmpfs are level, and ahead \(space\): page cache of a second reader, 0 B against/,
    );
    const [overlay] = sentences.filter((one) => one.startsWith('overlay is ahead (start)'));
    expect(overlay).toMatch(
      /start with an image of 2000 MB, \d+ times as fast as tmpfs \(\d+ to \d+\), up to 3\d\d times/,
    );
    expect(sentences.join('\n')).toMatch(/copy and tmpfs are level, and ahead \(files\): first write to/);
    expect(sentences.length).toBeLessThan(12);
  });

  it('turn round with the samples', () => {
    const report = reportOf([
      measurement({ ...start, centres: { copy: 800 * MS, overlay: 9 * MS } }),
      measurement({
        ...start,
        name: 'w',
        title: 'first write',
        group: 'files',
        centres: { copy: MS, overlay: 60 * MS },
      }),
    ]);
    const [first, second] = conclude(report).sentences;
    expect(first).toMatch(
      /^overlay is ahead \(start\): start of a container, \d+ times as fast as copy \(\d+ to \d+\)\.$/,
    );
    expect(second).toMatch(/^copy is ahead \(files\): first write, \d+ times as fast as overlay \(\d+ to \d+\)\.$/);
    const exchanged = [first, second].map((sentence) =>
      sentence!.replace(/copy|overlay/g, (name) => (name === 'copy' ? 'overlay' : 'copy')),
    );
    expect(conclude(swapped(report, 'copy', 'overlay')).sentences).toEqual(exchanged);
  });

  it('say nothing about data that overlaps but that it is not told apart', () => {
    expect(sentencesOf(given({ a: range(100), b: range(103) }))).toEqual(['Not told apart: start of a container.']);
    expect(sentencesOf(given({ a: [1], b: [2] }))).toEqual(['Too few samples to say anything: start of a container.']);
    expect(sentencesOf(given({ a: range(1) }))).toEqual([]);
  });

  it('say how a quantity grows, where three numbers show it', () => {
    const series = (name: string, of: (x: number) => number, values: number[]) =>
      values.map((value) => ({
        ...given({ a: [of(value)], b: [500 + value] }, { unit: 'bytes' }),
        name: `${name}-${value}`,
        title: `disk space of ${value} containers`,
        parameter: { series: name, label: 'containers', value },
      }));
    const of = (grow: (x: number) => number, values = [1, 10, 50]) =>
      sentencesOf(...series('disk', grow, values)).find((sentence) => sentence.startsWith('Disk space, by'));
    expect(of((x) => 500 * x)).toBe(
      'Disk space, by containers (1 to 50): a grows in a straight line, by 500 B each (50 times); b hardly changes (1.10 times).',
    );
    expect(of((x) => 500 * Math.sqrt(x))).toContain('a grows, ever less (7.1 times)');
    expect(of((x) => 500 * x * x)).toContain('a grows, ever more (2500 times)');
    expect(of((x) => 500 * x, [1, 50])).toBeUndefined();
    expect(of((x) => 500 * x, [10, 20, 30])).toBeUndefined();
  });

  it.each([
    [
      ['disk space of 1 container', 'disk space of 10 containers', 'disk space of 50 containers'],
      'containers',
      'disk space',
    ],
    [['start, image of 10 MB', 'start', 'start, image of 2000 MB'], 'image size in MB', 'start'],
    [['10 reads', '20 reads', '30 reads'], 'reads', 'the-series'],
    [['reading', 'reading', 'reading'], 'readers', 'reading'],
  ])('call a series %j, by %s: %s', (titles, label, called) => {
    const members = titles.map((title, index) => ({
      ...given({ a: [1] }, { title }),
      name: `${index}`,
      parameter: { series: 'the-series', label, value: index + 1 },
    }));
    expect(conclude(reportOf(members)).series[0]!.title).toBe(called);
  });

  it('do not say how times grow that scatter more than they grow', () => {
    const wild = [1, 4, 16].map((value, index) => ({
      ...measurement({ ...start, name: `s${value}`, centres: { a: 10 * MS }, spread: 1.5 }, 8, index + 1),
      parameter: { series: 's', label: 'at once', value },
    }));
    expect(conclude(reportOf(wild)).series[0]!.growth.size).toBe(0);
  });
});
