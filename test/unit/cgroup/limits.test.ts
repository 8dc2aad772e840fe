import { describe, expect, it } from 'vitest';
import { parseCpuList } from '../../../core/kernel/cpu-list.js';
import {
  checkLimits,
  formatBytes,
  type ResourceSpec,
  requestedLimits,
  TsboxError,
} from '../../../core/plugin/index.js';

const MACHINE = { cpus: [0, 1], memoryNodes: [0] };
const MIB = 2 ** 20;

function refusal(limits: Partial<ResourceSpec>): string {
  try {
    checkLimits({ devices: [], ...limits }, MACHINE);
  } catch (error) {
    if (!(error instanceof TsboxError)) throw error;
    expect(error.exitStatus).toBe(125);
    expect(error.fixes.length).toBeGreaterThan(0);
    return error.message;
  }
  return '';
}

describe('memory', () => {
  it('has a floor of 6 MiB', () => {
    expect(refusal({ memory: 6 * MIB })).toBe('');
    expect(refusal({ memory: 6 * MIB - 1 })).toBe(
      'cannot set --memory: 6291455 bytes is less than the minimum of 6 MiB',
    );
    expect(refusal({ memory: 4 * MIB })).toBe('cannot set --memory: 4194304 bytes is less than the minimum of 6 MiB');
    expect(refusal({ memoryReservation: 4096 })).toMatch(/--memory-reservation: 4096 bytes is less/);
  });

  it('must be a whole number of bytes', () => {
    expect(refusal({ memory: Number.NaN })).toMatch(/not a whole number/);
    expect(refusal({ memory: 2 ** 60 })).toMatch(/not a whole number/);
    expect(refusal({ memory: 0 })).toMatch(/less than the minimum/);
  });

  it('and swap together may not be less than memory', () => {
    expect(refusal({ memory: 64 * MIB, memorySwap: 32 * MIB })).toMatch(
      /--memory-swap: 32 MiB is less than the memory limit of 64 MiB/,
    );
    expect(refusal({ memory: 64 * MIB, memorySwap: 64 * MIB })).toBe('');
    expect(refusal({ memory: 64 * MIB, memorySwap: -1 })).toBe('');
    expect(refusal({ memory: 64 * MIB, memorySwap: -2 })).toMatch(/not a number of bytes/);
    expect(refusal({ memorySwap: 64 * MIB })).toMatch(/no memory limit is given/);
  });

  it('may be reserved up to the limit', () => {
    expect(refusal({ memory: 64 * MIB, memoryReservation: 64 * MIB })).toBe('');
    expect(refusal({ memory: 64 * MIB, memoryReservation: 65 * MIB })).toMatch(/more than the limit/);
  });
});

it('CPUs go from a hundredth to what is online', () => {
  for (const cpus of [0.01, 0.5, 2]) expect(refusal({ cpus })).toBe('');
  for (const cpus of [0, 0.009, 2.01, -1, Number.NaN])
    expect(refusal({ cpus })).toMatch(/out of range, as 2 CPUs are online/);
});

it('shares, weights and pids limits have the ranges of the kernel', () => {
  expect(refusal({ cpuShares: 2 }) + refusal({ cpuShares: 262_144 })).toBe('');
  for (const cpuShares of [0, 1, 262_145, 1.5]) expect(refusal({ cpuShares })).toMatch(/--cpu-shares/);
  expect(refusal({ blkioWeight: 10 }) + refusal({ blkioWeight: 1000 })).toBe('');
  for (const blkioWeight of [0, 9, 1001]) expect(refusal({ blkioWeight })).toMatch(/--blkio-weight/);
  expect(refusal({ pidsLimit: -1 }) + refusal({ pidsLimit: 0 }) + refusal({ pidsLimit: 4_194_304 })).toBe('');
  for (const pidsLimit of [-2, 1.5, 4_194_305]) expect(refusal({ pidsLimit })).toMatch(/--pids-limit/);
});

it('sets name CPUs and nodes that are there', () => {
  expect(refusal({ cpusetCpus: '0-1', cpusetMems: '0' })).toBe('');
  expect(refusal({ cpusetCpus: '0,2-3' })).toBe('cannot set --cpuset-cpus: there is no CPU 2, 3');
  expect(refusal({ cpusetMems: '1' })).toMatch(/there is no memory node 1/);
  expect(refusal({ cpusetCpus: '' })).toMatch(/not a list/);
});

it('CPU lists are parsed strictly', () => {
  expect(parseCpuList('0-2,4,4,3')).toEqual([0, 1, 2, 3, 4]);
  for (const text of ['', ',', '1-', '-1', 'a', '1 ', '0-1-2', '0x1', '1,,2', '2-1', '99999']) {
    expect(() => parseCpuList(text), text).toThrow(RangeError);
  }
});

it('what was asked for is known by name', () => {
  expect(requestedLimits({ devices: [] })).toEqual([]);
  const device = { source: '/dev/fuse', target: '/dev/fuse', access: 'rwm' };
  expect(requestedLimits({ devices: [device], pidsLimit: 0 })).toEqual(['pidsLimit', 'devices']);
});

it('bytes are written as people write them', () => {
  expect([512, 64 * MIB, 1.5 * 1024 * MIB, 6 * MIB + 1, 1024].map(formatBytes)).toEqual([
    '512 bytes',
    '64 MiB',
    '1.5 GiB',
    '6 MiB',
    '1 KiB',
  ]);
});
