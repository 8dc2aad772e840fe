import { describe, expect, it } from 'vitest';
import { formatTime, PS_COLUMNS, type PsContext, terminalName } from '../../../cli/ps-columns.js';
import { parsePsOptions } from '../../../cli/ps-options.js';
import { formatBinaryBytes, statsList } from '../../../cli/stats-list.js';
import type { ContainerStats } from '../../../core/containers/stats.js';
import { parseProcess } from '../../../core/kernel/process-table.js';

const headers = (...args: string[]) =>
  parsePsOptions(args)
    .map(({ header }) => header)
    .join(' ');

describe('options of ps', () => {
  it.each([
    [[], 'UID PID PPID C STIME TTY TIME CMD'],
    [['-ef'], 'UID PID PPID C STIME TTY TIME CMD'],
    [['-e', '-f'], 'UID PID PPID C STIME TTY TIME CMD'],
    [['-e'], 'PID TTY TIME CMD'],
    [['ax'], 'PID TTY STAT TIME COMMAND'],
    [['aux'], 'USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND'],
    [['-aux'], 'USER PID %CPU %MEM VSZ RSS TTY STAT START TIME COMMAND'],
    [['-o', 'pid,comm'], 'PID COMMAND'],
    [['-opid', '-o', 'PPID,user'], 'PID PPID USER'],
    [['-eo', 'pid=ID,args=WHAT'], 'ID WHAT'],
    [['axo', 'pid args'], 'PID COMMAND'],
    [['--format=pid,etime'], 'PID ELAPSED'],
    [['--format', 'pid'], 'PID'],
  ])('%j are columns %s', (args, expected) => {
    expect(headers(...args)).toBe(expected);
  });

  it.each([[['-o']], [['--forest']], [['-l']], [['-o', 'nope']], [['-']], [['-p', '1']]])('%j are refused', (args) => {
    expect(() => headers(...args)).toThrow(expect.objectContaining({ code: 'ERR_TSBOX_USAGE' }));
  });
});

describe('columns of ps', () => {
  const status = 'Uid:\t0\t33\t0\t0\nGid:\t0\t0\t0\t0\nVmRSS:\t2048 kB\nNSpid:\t77\n';
  const stat = '77 (a\u001bb) Z 5 77 77 0 -1 4194304 1 0 0 0 9000 1000 0 0 20 0 1 0 100000 4096000 3\n';
  const process = parseProcess(77, stat, status, '');
  const now = new Date(2026, 10, 22, 12, 30, 0).getTime();
  const context: PsContext = {
    now,
    bootTime: now - 2_000_000,
    memory: 2 ** 30,
    users: new Map([[33, 'www-data']]),
    groups: new Map(),
  };
  const value = (name: string, more: Partial<PsContext> = {}) =>
    String(PS_COLUMNS[name]?.value(process, { ...context, ...more }));

  it('show what ps shows', () => {
    expect(['user', 'ruser', 'group', 'pid', 'ppid'].map((name) => value(name))).toEqual([
      'www-data',
      '0',
      '0',
      '77',
      '5',
    ]);
    expect(['time', 'bsdtime', 'etime', 'etimes'].map((name) => value(name))).toEqual([
      '00:01:40',
      '1:40',
      '16:40',
      '1000',
    ]);
    expect(['c', '%cpu', '%mem', 'rss', 'vsz'].map((name) => value(name))).toEqual([
      '10',
      '10.0',
      '0.2',
      '2048',
      '4000',
    ]);
    expect(['stat', 's', 'tty'].map((name) => value(name))).toEqual(['Zs', 'Z', '?']);
  });

  it('let no text of a container talk to the terminal', () => {
    expect(value('args')).toBe('[a?b] <defunct>');
    expect(value('comm')).toBe('a?b');
  });

  it('show the time of today, the day of this year, the year', () => {
    const boot = (...date: [number, number, number, number, number]) => new Date(...date).getTime() - 1_000_000;
    expect(value('stime', { bootTime: boot(2026, 10, 22, 9, 5) })).toBe('09:05');
    expect(value('stime', { bootTime: boot(2026, 10, 2, 9, 5) })).toBe('Nov02');
    expect(value('stime', { bootTime: boot(2025, 10, 2, 9, 5) })).toBe('2025');
    expect(value('lstart', { bootTime: boot(2026, 10, 2, 9, 5) })).toBe('Mon Nov 02 09:05:00 2026');
  });

  it('name terminals and long times', () => {
    const device = (major: number, minor: number) => (major << 8) | (minor & 0xff) | ((minor & 0xfff00) << 12);
    expect(
      [device(136, 0), device(136, 300), device(137, 1), device(4, 1), device(4, 64), device(5, 1), 0].map(
        terminalName,
      ),
    ).toEqual(['pts/0', 'pts/300', 'pts/257', 'tty1', 'ttyS0', 'console', '?']);
    expect([formatTime(59), formatTime(3661), formatTime(3 * 86_400 + 62)]).toEqual([
      '00:00:59',
      '01:01:01',
      '3-00:01:02',
    ]);
  });
});

describe('columns of stats', () => {
  const shape = statsList(false);
  const base: ContainerStats = {
    id: 'ab'.repeat(32),
    name: 'web',
    state: 'running',
    cpus: 2,
    memoryAvailable: 64 * 2 ** 20,
    time: 0,
  };
  const row = (stats: Partial<ContainerStats>) =>
    shape.columns.map((name) => String(shape.fields[name]?.[1]({ ...base, ...stats })));

  it('are as docker formats them', () => {
    const stats = {
      cpuPercent: 0.0749,
      memory: { usage: 573_440, limit: 64 * 2 ** 20 },
      network: { received: 1050, sent: 0 },
      io: { read: 1_980_000, written: 512 },
      pids: { current: 3 },
    };
    expect(row(stats)).toEqual([
      'abababababab',
      'web',
      '0.07%',
      '560KiB / 64MiB',
      '0.85%',
      '1.05kB / 0B',
      '1.98MB / 512B',
      '3',
    ]);
  });

  it('say what is not known, and that one that has ended uses nothing', () => {
    expect(row({}).slice(2)).toEqual(['--', '-- / --', '--', '0B / 0B', '-- / --', '--']);
    expect(row({ state: 'exited' }).slice(2)).toEqual(['0.00%', '0B / 0B', '0.00%', '0B / 0B', '0B / 0B', '0']);
  });

  it.each([
    [0, '0B'],
    [1023, '1023B'],
    [1024, '1KiB'],
    [1_293_942, '1.234MiB'],
    [2_086_666_240, '1.943GiB'],
    [1024 ** 5 * 3, '3PiB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(formatBinaryBytes(bytes)).toBe(text);
  });
});
