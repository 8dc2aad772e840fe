import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { logTime, type ReadLogOptions, readLog } from '../../../core/log/index.js';
import { tempDirectory } from '../../support/temp-root.js';

const state = tempDirectory();
let directory: string;
let number = 0;
beforeEach(() => {
  directory = join(state, `${number++}`);
  mkdirSync(directory);
});

const time = (second: number) => `2026-11-22T03:04:${String(second).padStart(2, '0')}.123456789Z`;
const entry = (second: number, text: string, stream = 'stdout', kind = 'F') =>
  `${time(second)} ${stream} ${kind} ${text}\n`;
const write = (name: string, ...lines: string[]) => writeFileSync(join(directory, name), lines.join(''));

async function read(options?: ReadLogOptions, where = directory): Promise<string[]> {
  const found: string[] = [];
  for await (const { stream, text, partial } of readLog(where, options)) {
    found.push(`${stream[3]}${partial ? '+' : ''}:${text.toString('latin1')}`);
  }
  return found;
}

describe('readLog', () => {
  it('gives the bytes that were written, stream by stream', async () => {
    write(
      'log',
      entry(1, 'one'),
      entry(2, 'wrong', 'stderr'),
      entry(3, '', 'stdout'),
      entry(4, 'no end', 'stdout', 'P'),
    );
    expect(await read()).toEqual(['o:one\n', 'e:wrong\n', 'o:\n', 'o+:no end']);
  });

  it('begins at the oldest file', async () => {
    for (let file = 11; file > 0; file--) write(`log.${file}`, entry(1, `in ${file}`));
    write('log', entry(2, 'last'));
    write('log.tmp', entry(0, 'not ours'));
    const files = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map((file) => `o:in ${file}\n`);
    expect(await read()).toEqual([...files, 'o:last\n']);
  });

  it('is empty where there is no log, or no directory', async () => {
    expect(await read()).toEqual([]);
    expect(await read({}, join(directory, 'nowhere'))).toEqual([]);
  });

  it('passes over what a crash left: half lines, zeros, an unfinished end', async () => {
    write(
      'log',
      entry(1, 'one'),
      entry(2, 'half').slice(0, 20),
      '\n\n',
      'not an entry at all, and longer than a prefix would be\n',
      `${'\0'.repeat(5000)}\n`,
      entry(3, 'two'),
      entry(4, 'unfinished').slice(0, -1),
    );
    expect(await read()).toEqual(['o:one\n', 'o:two\n']);
    expect(await read({ tail: 1 })).toEqual(['o:two\n']);
  });

  it('gets past a gap that is larger than what it reads at once', async () => {
    write('log', entry(1, 'one'), '\0'.repeat(300_000));
    appendFileSync(join(directory, 'log'), `\n${entry(2, 'two')}`);
    expect(await read()).toEqual(['o:one\n', 'o:two\n']);
    expect(await read({ tail: 5 })).toEqual(['o:one\n', 'o:two\n']);
  });

  it('reads entries that lie across its blocks', async () => {
    const texts = Array.from({ length: 200 }, (_, i) => `${i} ${'x'.repeat(i * 150)}`);
    write('log', ...texts.map((text) => entry(1, text)));
    expect(await read()).toEqual(texts.map((text) => `o:${text}\n`));
    expect(await read({ tail: 150 })).toEqual(texts.slice(-150).map((text) => `o:${text}\n`));
  });

  it('filters by time, to the nanosecond', async () => {
    write('log.1', entry(1, 'a'), entry(2, 'b'));
    write('log', entry(3, 'c'), entry(4, 'd'));
    expect(await read({ since: time(2) })).toEqual(['o:b\n', 'o:c\n', 'o:d\n']);
    expect(await read({ until: time(3) })).toEqual(['o:a\n', 'o:b\n', 'o:c\n']);
    expect(await read({ since: '2026-11-22T03:04:02.12345679Z', until: '2026-11-22T03:04:04Z' })).toEqual(['o:c\n']);
    expect(await read({ since: BigInt(Date.parse('2026-11-22T03:04:04Z')) * 1_000_000n })).toEqual(['o:d\n']);
  });
});

describe('readLog with tail', () => {
  it.each([
    [0, []],
    [1, ['o:5\n']],
    [2, ['o:4\n', 'o:5\n']],
    [3, ['o:3\n', 'o:4\n', 'o:5\n']],
    [99, ['o:1\n', 'o:2\n', 'o:3\n', 'o:4\n', 'o:5\n']],
  ])('%i lines, over files', async (tail, expected) => {
    write('log.2', entry(1, '1'), entry(1, '2'));
    write('log.1', entry(1, '3'));
    write('log', entry(1, '4'), entry(1, '5'));
    expect(await read({ tail })).toEqual(expected);
  });

  it('counts a line in parts as one, even where the other stream lies in it', async () => {
    write('log.1', entry(1, 'before'), entry(1, 'be', 'stdout', 'P'));
    write('log', entry(1, 'wrong', 'stderr'), entry(1, 'gin', 'stdout', 'P'), entry(1, 's'));
    expect(await read({ tail: 1 })).toEqual(['o+:be', 'o+:gin', 'o:s\n']);
    expect(await read({ tail: 2 })).toEqual(['o+:be', 'e:wrong\n', 'o+:gin', 'o:s\n']);
    expect(await read({ tail: 3 })).toEqual(['o:before\n', 'o+:be', 'e:wrong\n', 'o+:gin', 'o:s\n']);
  });

  it('counts what ends without a newline', async () => {
    write('log', entry(1, 'whole'), entry(1, '$ ', 'stdout', 'P'));
    expect(await read({ tail: 1 })).toEqual(['o+:$ ']);
    expect(await read({ tail: 2 })).toEqual(['o:whole\n', 'o+:$ ']);
  });

  it('does not read what lies before', async () => {
    const line = entry(1, 'x'.repeat(1000));
    write('log', line.repeat(60_000)); // 62 MB
    const before = process.resourceUsage();
    const started = performance.now();
    expect(await read({ tail: 3 })).toHaveLength(3);
    expect(performance.now() - started).toBeLessThan(200);
    expect(process.resourceUsage().maxRSS - before.maxRSS).toBeLessThan(20_000);
  });
});

it.each([
  ['2026-11-22T03:04:05Z', '2026-11-22T03:04:05.000000000Z'],
  ['2026-11-22T03:04:05.12Z', '2026-11-22T03:04:05.120000000Z'],
  [1_795_316_645_000_000_007n, '2026-11-22T03:04:05.000000007Z'],
  [0n, '1970-01-01T00:00:00.000000000Z'],
] as const)('logTime(%s) has the form of entries', (moment, expected) => {
  expect(logTime(moment)).toBe(expected);
});

it('logTime refuses what is no time in UTC', () => {
  expect(() => logTime('yesterday')).toThrow(RangeError);
  expect(() => logTime('2026-11-22T03:04:05+01:00')).toThrow(RangeError);
});
