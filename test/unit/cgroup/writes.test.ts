import { describe, expect, it } from 'vitest';
import type { LimitWrite, ResourceSpec } from '../../../core/plugin/index.js';
import { v1Writes } from '../../../plugins/cgroup-v1/v1-limits.js';
import { cpuWeight, ioWeight, v2Writes } from '../../../plugins/cgroup-v2/v2-limits.js';

const MIB = 2 ** 20;
const spec = (limits: Partial<ResourceSpec>): ResourceSpec => ({ devices: [], ...limits });
const texts = (writes: LimitWrite[]) => writes.map(({ file, value }) => `${file}=${value}`);
const v1 = (limits: Partial<ResourceSpec>) => texts(v1Writes(spec(limits)));
const v2 = (limits: Partial<ResourceSpec>) => texts(v2Writes(spec(limits)));

it('nothing asked, nothing written', () => {
  expect([...v1({}), ...v2({})]).toEqual([]);
});

describe('memory and swap', () => {
  it('in v1 memsw counts both and follows the memory limit', () => {
    const swap = { memory: 64 * MIB, memorySwap: 96 * MIB };
    expect(v1(swap)).toEqual([`memory.limit_in_bytes=${64 * MIB}`, `memory.memsw.limit_in_bytes=${96 * MIB}`]);
  });

  it('in v2 swap is what exceeds memory', () => {
    expect(v2({ memory: 64 * MIB, memorySwap: 96 * MIB })).toEqual([
      `memory.max=${64 * MIB}`,
      `memory.swap.max=${32 * MIB}`,
    ]);
    expect(v2({ memory: 64 * MIB, memorySwap: 64 * MIB })[1]).toBe('memory.swap.max=0');
  });

  it('-1 is unlimited swap', () => {
    expect(v1({ memory: 64 * MIB, memorySwap: -1 })[1]).toBe('memory.memsw.limit_in_bytes=-1');
    expect(v2({ memory: 64 * MIB, memorySwap: -1 })[1]).toBe('memory.swap.max=max');
  });

  it('a memory limit alone allows as much swap again, where the kernel counts swap at all', () => {
    const [, one] = v1Writes(spec({ memory: 64 * MIB }));
    const [, two] = v2Writes(spec({ memory: 64 * MIB }));
    expect(one).toMatchObject({ file: 'memory.memsw.limit_in_bytes', value: String(128 * MIB), optional: true });
    expect(two).toMatchObject({ file: 'memory.swap.max', value: String(64 * MIB), optional: true });
  });

  it('a limit that was asked for is never optional', () => {
    const all = {
      memory: 64 * MIB,
      memorySwap: 96 * MIB,
      memoryReservation: 32 * MIB,
      cpus: 1,
      cpuShares: 2,
      pidsLimit: 1,
      blkioWeight: 10,
    };
    for (const write of [...v1Writes(spec(all)), ...v2Writes(spec(all))])
      expect(write.optional, write.file).toBeUndefined();
  });

  it('is checked against what the kernel made of it: rounded down to a page', () => {
    const [write] = v2Writes(spec({ memory: 64 * MIB + 17 }));
    expect(write?.verify?.holds(String(64 * MIB))).toBe(true);
    expect(write?.verify?.holds(String(128 * MIB))).toBe(false);
    expect(write?.verify?.holds('max')).toBe(false);
  });

  it('a reservation is soft in v1 and low in v2', () => {
    expect(v1({ memoryReservation: 32 * MIB })).toEqual([`memory.soft_limit_in_bytes=${32 * MIB}`]);
    expect(v2({ memoryReservation: 32 * MIB })).toEqual([`memory.low=${32 * MIB}`]);
  });
});

describe('CPUs', () => {
  it('are a quota of a period of 100 ms', () => {
    expect(v1({ cpus: 0.2 })).toEqual(['cpu.cfs_period_us=100000', 'cpu.cfs_quota_us=20000']);
    expect(v2({ cpus: 0.01 })).toEqual(['cpu.max=1000 100000']);
    expect(v2({ cpus: 0.29 })).toEqual(['cpu.max=29000 100000']);
  });

  it('shares keep minimum, default and maximum when they become a weight', () => {
    expect([2, 1024, 262_144].map(cpuWeight)).toEqual([1, 100, 10_000]);
  });

  it('more shares never weigh less, and the weight stays in its range', () => {
    let last = 1;
    for (let shares = 2; shares <= 262_144; shares += 97) {
      const weight = cpuWeight(shares);
      expect(weight).toBeGreaterThanOrEqual(last);
      expect(weight).toBeLessThanOrEqual(10_000);
      last = weight;
    }
  });

  it('sets are verified by the numbers, however they are written', () => {
    const [own] = v1Writes(spec({ cpusetCpus: '0,1,2' }));
    const [effective] = v2Writes(spec({ cpusetMems: '0' }));
    expect(own?.verify?.file).toBe('cpuset.cpus');
    expect(own?.verify?.holds('0-2')).toBe(true);
    expect(effective?.verify?.file).toBe('cpuset.mems.effective');
    expect(effective?.verify?.holds('')).toBe(false);
  });
});

describe('pids and blkio', () => {
  it('a pids limit of 0 means one process', () => {
    expect([...v1({ pidsLimit: 0 }), ...v2({ pidsLimit: 0 }), ...v2({ pidsLimit: 1 })]).toEqual(
      Array(3).fill('pids.max=1'),
    );
    expect([...v1({ pidsLimit: -1 }), ...v2({ pidsLimit: -1 })]).toEqual([]);
  });

  it("a weight is bfq's, and otherwise that of the other schedulers", () => {
    expect(v1Writes(spec({ blkioWeight: 300 }))[0]).toMatchObject({
      file: 'blkio.bfq.weight',
      value: '300',
      otherwise: { file: 'blkio.weight', value: '300' },
    });
    expect(v2Writes(spec({ blkioWeight: 300 }))[0]).toMatchObject({
      file: 'io.bfq.weight',
      value: '300',
      otherwise: { file: 'io.weight', value: '2930' },
    });
    expect([10, 1000].map(ioWeight)).toEqual([1, 10_000]);
  });
});
