import { describe, expect, it } from 'vitest';
import type { RunSettings } from '../../../core/config/run-options.js';
import { refusal, specOf } from './support.js';

describe('limits', () => {
  it('are what was asked for, in bytes and numbers', () => {
    const { resources } = specOf({
      memory: '256m',
      memorySwap: '512m',
      memoryReservation: '128m',
      cpus: '0.5',
      cpuShares: '512',
      cpusetCpus: '0-2,4',
      cpusetMems: '0',
      pidsLimit: '100',
      blkioWeight: '500',
    });
    expect(resources).toEqual({
      memory: 256 * 1024 ** 2,
      memorySwap: 512 * 1024 ** 2,
      memoryReservation: 128 * 1024 ** 2,
      cpus: 0.5,
      cpuShares: 512,
      cpusetCpus: '0-2,4',
      cpusetMems: '0',
      pidsLimit: 100,
      blkioWeight: 500,
      devices: [],
    });
  });

  it('are absent when nothing was asked for', () => {
    expect(specOf({}).resources).toEqual({ devices: [] });
  });

  it('a pids limit of 0 and of -1 are kept as they are', () => {
    expect(specOf({ pidsLimit: '0' }).resources.pidsLimit).toBe(0);
    expect(specOf({ pidsLimit: '-1' }).resources.pidsLimit).toBe(-1);
  });

  it('unlimited swap is -1', () => {
    expect(specOf({ memory: '64m', memorySwap: '-1' }).resources.memorySwap).toBe(-1);
  });

  it.each<[keyof RunSettings, string]>([
    ['memory', 'banana'],
    ['memory', '0'],
    ['memory', '-1'],
    ['memoryReservation', ''],
    ['cpus', '0'],
    ['cpus', '-1'],
    ['cpus', '1e1'],
    ['cpus', '9'],
    ['cpus', ''],
    ['cpuShares', '1'],
    ['cpuShares', '262145'],
    ['cpuShares', '0x10'],
    ['cpusetCpus', '2-1'],
    ['cpusetCpus', '0,,1'],
    ['cpusetCpus', '1-'],
    ['cpusetMems', 'all'],
    ['pidsLimit', '-2'],
    ['pidsLimit', '-0'],
    ['pidsLimit', '1.5'],
    ['pidsLimit', '2147483648'],
    ['blkioWeight', '9'],
    ['blkioWeight', '1001'],
  ])('--%s %j is refused by name, with a value that would do', (key, value) => {
    const error = refusal({ [key]: value });
    expect(error.code).toBe('ERR_TSBOX_USAGE');
    expect(error.exitStatus).toBe(125);
    expect(error.what).toContain(JSON.stringify(value));
    expect(error.what).toMatch(/--[a-z-]+$/);
    expect(error.fixes).toHaveLength(1);
  });

  it('swap without memory is refused: it counts both', () => {
    expect(refusal({ memorySwap: '1g' }).fixes).toEqual(['--memory=1g --memory-swap=1g']);
  });

  it('swap below memory and a reservation above it are refused', () => {
    expect(refusal({ memory: '64m', memorySwap: '32m' }).code).toBe('ERR_TSBOX_INVALID_SPEC');
    expect(refusal({ memory: '64m', memoryReservation: '65m' }).code).toBe('ERR_TSBOX_INVALID_SPEC');
  });
});

describe('devices', () => {
  it.each([
    ['/dev/null', { source: '/dev/null', target: '/dev/null', access: 'rwm' }],
    ['/dev/null:rw', { source: '/dev/null', target: '/dev/null', access: 'rw' }],
    ['/dev/null:/dev/x', { source: '/dev/null', target: '/dev/x', access: 'rwm' }],
    ['/dev/null:/dev/x:r', { source: '/dev/null', target: '/dev/x', access: 'r' }],
  ])('%s', (text, device) => {
    expect(specOf({ device: [text] }).resources.devices).toEqual([device]);
  });

  it.each([
    '/dev/nosuch',
    '/etc/passwd',
    'null',
    '/dev/null:x',
    '/dev/null:/dev/x:rr',
    '/dev/null:/dev/x:',
    '/dev/null:a:b:c',
  ])('%s is refused', (text) => {
    expect(refusal({ device: [text] }).what).toContain('--device');
  });
});

describe('ulimits', () => {
  it.each([
    ['nofile=1024', { name: 'nofile', soft: 1024, hard: 1024 }],
    ['nofile=1024:2048', { name: 'nofile', soft: 1024, hard: 2048 }],
    ['core=unlimited', { name: 'core', soft: -1, hard: -1 }],
    ['core=0:-1', { name: 'core', soft: 0, hard: -1 }],
  ])('%s', (text, rlimit) => {
    expect(specOf({ ulimit: [text] }).rlimits).toEqual([rlimit]);
  });

  it('the last of one name counts', () => {
    expect(specOf({ ulimit: ['nofile=1', 'nofile=2'] }).rlimits).toEqual([{ name: 'nofile', soft: 2, hard: 2 }]);
  });

  it.each([
    'nofile',
    'nofile=',
    'nofile=2:1',
    'nofile=-1:1',
    'nofile=1:2:3',
    'nofile=1=2',
    'nofiles=1',
    '=1',
    'nofile=1k',
  ])('%j is refused', (text) => {
    expect(refusal({ ulimit: [text] }).what).toContain('--ulimit');
  });

  it('a misspelt name comes with the one that was meant', () => {
    expect(refusal({ ulimit: ['nofiles=1'] }).fixes).toEqual(['did you mean nofile?']);
  });
});
