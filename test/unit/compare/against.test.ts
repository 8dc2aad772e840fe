import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareReports } from '../../../compare/against.js';
import { readReport } from '../../../compare/read-report.js';
import type { Report } from '../../../compare/report.js';
import { againstText } from '../../../compare/text/index.js';
import { HOST, measurement, reportOf, type Sketch, storageReport } from '../../support/reports.js';
import { tempDirectory } from '../../support/temp-root.js';

const MS = 1e6;
const directory = tempDirectory();
const start: Sketch = { name: 'start', group: 'start', unit: 'ns', centres: { a: 80 * MS, b: 9 * MS } };
const reportAt = (centres: Sketch['centres'], seed: number, changes: Partial<Report> = {}) =>
  reportOf([measurement({ ...start, centres }, 20, seed)], changes);
const file = (contents: unknown, name = 'report.json') => {
  const path = join(directory, name);
  writeFileSync(path, typeof contents === 'string' ? contents : JSON.stringify(contents));
  return path;
};

describe('two reports', () => {
  const before = reportAt({ a: 80 * MS, b: 9 * MS }, 1);

  it('differ where the intervals parted, by a factor with its interval', () => {
    const { changes, unchanged } = compareReports(before, reportAt({ a: 160 * MS, b: 9 * MS }, 2));
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ candidate: 'a', title: 'start', isBetter: false });
    expect(changes[0]!.ratio!.factor).toBeGreaterThan(1.8);
    expect(changes[0]!.ratio!.low).toBeGreaterThan(1.6);
    expect(changes[0]!.ratio!.high).toBeLessThan(2.4);
    expect(unchanged).toBe(1);
  });

  it('laid the other way round differ by the same factor, for the better', () => {
    const now = reportAt({ a: 160 * MS, b: 9 * MS }, 2);
    const [worse, better] = [compareReports(before, now).changes[0]!, compareReports(now, before).changes[0]!];
    expect(better.isBetter).toBe(true);
    expect(better.ratio!.factor).toBeCloseTo(worse.ratio!.factor);
  });

  it('are not told apart where they are the same, or only scatter', () => {
    expect(compareReports(before, before)).toMatchObject({
      changes: [],
      unchanged: 2,
      warnings: [],
      added: [],
      gone: [],
    });
    expect(compareReports(before, reportAt({ a: 80 * MS, b: 9 * MS }, 2)).changes).toEqual([]);
  });

  it('have what is new and what is gone, also where the unit is another', () => {
    const now = reportAt({ a: 80 * MS, c: 9 * MS }, 1);
    expect(compareReports(before, now)).toMatchObject({
      added: [{ title: 'start', candidate: 'c' }],
      gone: [{ title: 'start', candidate: 'b' }],
    });
    const counted = reportOf([measurement({ ...start, unit: 'count' })]);
    expect(compareReports(before, counted)).toMatchObject({ changes: [], added: [{}, {}], gone: [{}, {}] });
  });

  it('say nothing where one has too few samples', () => {
    const now = reportOf([measurement(start, 3)]);
    expect(compareReports(before, now)).toMatchObject({ changes: [], few: 2, unchanged: 0 });
  });

  it('carry a warning where the hosts or the subjects differ, not where only the load does', () => {
    const subject = { image: 'synthetic', size: '50 MB' };
    const warnings = (changes: Partial<Report>) => compareReports(before, { ...before, ...changes }).warnings;
    expect(warnings({ host: { ...HOST, load: [3, 4] } })).toEqual([]);
    expect(warnings({ host: { ...HOST, kernel: '6.18.5', cpus: 4 } })).toEqual([
      'another host: kernel was 6.12.48, is 6.18.5',
      'another host: processor was 2 x AMD EPYC 7B13, is 4 x AMD EPYC 7B13',
    ]);
    expect(warnings({ subject })).toEqual(['another subject: size was 500 MB, is 50 MB']);
  });

  it('know what all times share, which may be the machine', () => {
    const { shared } = compareReports(storageReport(1), storageReport(2, 1.5));
    expect(shared).toBeGreaterThan(1.4);
    expect(shared).toBeLessThan(1.6);
  });
});

describe('what changed, in a terminal', () => {
  const text = (before: Report, now: Report) => againstText(before, now, { width: 80, colour: false });

  it('has a line for each change, and fits', () => {
    const host = { ...HOST, kernel: '6.18.5' };
    const found = text(storageReport(1), { ...storageReport(2, 1.5), host });
    expect(found).toMatch(/^SINCE 2026-11-20 10:15 UTC\nwarning: another host: kernel was 6.12.48, is 6.18.5\n/);
    expect(found).toMatch(/^removal\n {2}\w+ +[\d.]+ ms -> +[\d.]+ ms {2}1\.\d+ times slower \(1\.\d+ to 1\.\d+\)\n/m);
    expect(found).toMatch(/^not told apart: \d+ more$/m);
    expect(found).toMatch(/^in the middle of all candidates and workloads, times are 1.\d+ times longer/m);
    expect(Math.max(...found.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('says that nothing changed', () => {
    expect(text(storageReport(), storageReport())).toMatch(
      /^SINCE .*\nnothing changed that can be told\nnot told apart: \d+ more\n$/,
    );
  });
});

describe('a file with a report', () => {
  it('is read as it was written', async () => {
    expect(await readReport(file(storageReport()), 'storage')).toEqual(storageReport());
  });

  it.each([
    [
      'that is of a later version',
      { ...storageReport(), version: 2 },
      'it is of format 2, and this tsbox knows those up to 1',
    ],
    ['that is of another kind', storageReport(), 'it is a comparison of storage, not of network'],
    ['that is no JSON', 'PNG', 'it is not JSON'],
    ['that is no report', { version: 1, samples: [] }, 'wrong value for "kind"'],
    ['that is no object', 'null', 'wrong value for "the whole"'],
    [
      'that has no numbers in it',
      { ...storageReport(), measurements: [{ ...measurement(start), samples: { a: ['1'] } }] },
      'wrong value for "measurements.0.samples.a.0"',
    ],
  ])('%s is refused by name', async (_, contents, why) => {
    const path = file(contents);
    await expect(readReport(path, 'network')).rejects.toMatchObject({
      code: 'ERR_TSBOX_USAGE',
      what: expect.stringContaining(path),
      why: expect.stringContaining(why),
      fixes: [expect.any(String)],
    });
  });

  it('that is not there is named too', async () => {
    const path = join(directory, 'nowhere.json');
    await expect(readReport(path)).rejects.toMatchObject({ what: `cannot read the report ${path}` });
  });
});
