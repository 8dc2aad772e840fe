import { describe, expect, it } from 'vitest';
import { reportText } from '../../../compare/text/index.js';
import { measurement, reportOf, storageReport } from '../../support/reports.js';

const plain = (width = 80, report = storageReport()) => reportText(report, { width, colour: false });
const lines = (width?: number) => plain(width).split('\n');
const ESCAPE = '\u001b';

describe('a report in a terminal', () => {
  it.each([60, 80, 120])('fits into %d columns, and says all without colours', (width) => {
    expect(Math.max(...lines(width).map((line) => line.length))).toBeLessThanOrEqual(width);
    expect(plain(width)).not.toContain(ESCAPE);
    expect(lines(width).filter((line) => line.endsWith(' '))).toEqual([]);
  });

  it('has a table for each group, with its numbers below each other', () => {
    const heads = lines().filter((line) => line.endsWith('to the best'));
    expect(heads.map((line) => line.split(' ')[0])).toEqual(['START', 'FILES', 'SPACE']);
    const table = plain().slice(plain().indexOf('START'), plain().indexOf('\n\nFILES')).split('\n');
    const column = table[0]!.length;
    const rows = table.filter((line) => /^ {2}(copy|overlay|tmpfs) /.test(line));
    expect(rows).toHaveLength(15);
    for (const row of rows) expect(row.length, row).toBe(column);
    expect(rows.filter((row) => row.endsWith(' best'))).toHaveLength(5);
  });

  it('has bars that are as long as the numbers are great', () => {
    const bars = lines()
      .filter((line) => /^ {2}(copy|overlay|tmpfs) /.test(line))
      .map((line) => [...line].filter((character) => character >= '\u2588' && character <= '\u258f').length);
    const report = plain(
      80,
      reportOf([measurement({ name: 'x', group: 'g', unit: 'bytes', centres: { a: 100, b: 50, c: 0 }, spread: 0 })]),
    );
    const lengths = ['a', 'b', 'c'].map(
      (name) => (new RegExp(`^  ${name} .*`, 'm').exec(report)![0].match(/\u2588/g) ?? []).length,
    );
    expect(lengths[0]).toBeGreaterThan(20);
    expect(lengths[1]! * 2).toBeGreaterThanOrEqual(lengths[0]! - 1);
    expect(lengths[1]! * 2).toBeLessThanOrEqual(lengths[0]!);
    expect(lengths[2]).toBe(0);
    expect(Math.max(...bars)).toBeGreaterThan(20);
  });

  it('says in which unit, and what is not told apart', () => {
    expect(plain()).toMatch(/ overlay .* \d\.\d\d ms +\d\.\d\d to \d+\.\d+ +best/);
    expect(plain()).toMatch(/random reads \(more is better, not told apart\)\n {2}copy .* k ops\/s .* tied/);
    expect(plain()).toMatch(/ copy .* 500 MB +\d+ x|25.5 GB/);
  });

  it('names who was not compared, and what has no number, with the reasons', () => {
    expect(plain()).toMatch(/^not compared: zfs: the kernel has no module zfs/m);
    expect(plain().replaceAll(/\s+/g, ' ')).toContain('tmpfs no number: commit needs layers, which this driver');
  });

  it('ends with the host, and with what the samples say', () => {
    expect(plain()).toContain('Linux 6.12.48 on x64; 2 x AMD EPYC 7B13; 8.25 GB of memory;');
    expect(plain()).toMatch(
      /WHAT THE SAMPLES SAY\n- overlay and tmpfs are level[\s\S]*\n- Not told apart: [^\n]*\n?[^\n]*\n$/,
    );
    expect(plain(80, reportOf([]))).toContain('- Nothing: there are no numbers of two candidates.');
  });

  it('colours what is best', () => {
    expect(reportText(storageReport(), { width: 80, colour: true })).toContain(
      `${ESCAPE}[32m         best${ESCAPE}[0m`,
    );
  });

  it('lets nobody speak to the terminal', () => {
    const evil = { name: `e${ESCAPE}[2Jvil\n`, skipped: `${ESCAPE}]0;title\u0007\u202e` };
    expect(plain(80, reportOf([], { candidates: [evil] }))).toContain('not compared: e?[2Jvil?: ?]0;title??');
  });
});
