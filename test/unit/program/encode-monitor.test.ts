import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { encode } from '../../../core/program/encode.js';
import { monitorMemory } from '../../../core/program/encode-monitor.js';
import { BASE, HEADER, MONITOR } from '../../../core/program/layout.js';
import type { MonitorConfig } from '../../../core/program/monitor.js';
import { Program } from '../../../core/program/program.js';

const AFTER = { argv: ['/bin/a', 'b'], env: ['C=d'], steadyMs: 1, steadyDelayMs: 2, stderr: 9 };
const FULL: MonitorConfig = {
  ...{ state: 5, memoryEvents: 6, stdout: 7, stderr: 8, alive: 10, timeoutMs: 2 ** 40 },
  log: { directory: 11, maxSize: 2 ** 33, maxFiles: 4 },
  event: { file: 12, before: 'before', between: '', after: 'äfter' },
  after: { ...AFTER, failureDelayMs: 0 },
};

const text = (bytes: Buffer, at: number) => bytes.toString('utf8', at, bytes.indexOf(0, at));

it('has each value where the monitor reads it, and -1 or 0 for what is not there', () => {
  const { bytes } = monitorMemory(FULL);
  const s32 = (field: keyof typeof MONITOR) => bytes.readInt32LE(MONITOR[field]);
  const s64 = (field: keyof typeof MONITOR) => bytes.readBigInt64LE(MONITOR[field]);
  expect([s32('state'), s32('memoryEvents'), s32('log'), s32('stdout'), s32('stderr')]).toEqual([5, 6, 11, 7, 8]);
  expect([s32('stdin'), s32('input'), s32('terminal'), s32('alive'), s32('ready')]).toEqual([-1, -1, -1, 10, -1]);
  expect([s32('event'), s32('afterStderr'), s32('logFiles')]).toEqual([12, 9, 4]);
  expect([s64('logSize'), s64('timeout'), s64('successDelay'), s64('failureDelay')]).toEqual([
    2n ** 33n,
    2n ** 40n,
    -1n,
    0n,
  ]);
  expect([text(bytes, s32('eventBefore')), text(bytes, s32('eventAfter'))]).toEqual(['before', 'äfter']);
  const argv = [0, 8, 16].map((at) => Number(bytes.readBigUInt64LE(s32('argv') + at)));
  expect(argv.slice(0, 2).map((at) => text(bytes, at))).toEqual(['/bin/a', 'b']);
  expect(argv[2]).toBe(0);
  expect(s32('length')).toBe(bytes.length);
});

it('is found through the header; a program without one has none', () => {
  const program = new Program();
  expect(encode(program, 'x64').bytes.readBigUInt64LE(HEADER.monitor)).toBe(0n);
  program.monitor = FULL;
  const { bytes } = encode(program, 'x64');
  const at = Number(bytes.readBigUInt64LE(HEADER.monitor) - BASE);
  expect(bytes.subarray(at, at + 8)).toEqual(monitorMemory(FULL).bytes.subarray(0, 8));
});

it('refuses what is larger than the monitor has room for, and NUL bytes', () => {
  const long = { ...FULL, after: { ...AFTER, argv: ['/bin/a', 'x'.repeat(16_384)] } };
  expect(() => monitorMemory(long)).toThrow(/bytes long and may be 16384: the command that restarts/);
  expect(() => monitorMemory({ ...FULL, after: { ...AFTER, argv: ['a\0b'] } })).toThrow(/NUL/);
});

it('has the size that monitor.h says', () => {
  const header = readFileSync(new URL('../../../core/program/launcher/monitor.h', import.meta.url), 'utf8');
  expect(Number(/CONFIG_MAX = (\d+)/.exec(header)?.[1])).toBe(MONITOR.largest);
});
