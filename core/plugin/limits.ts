import { type Machine, parseCpuList } from '../kernel/cpu-list.js';
import { TsboxError } from './error.js';
import type { ResourceSpec } from './spec.js';

export type LimitName = keyof ResourceSpec;

/** How the command line calls each limit, for messages. */
export const LIMIT_FLAGS: Readonly<Record<LimitName, string>> = {
  memory: '--memory',
  memorySwap: '--memory-swap',
  memoryReservation: '--memory-reservation',
  cpus: '--cpus',
  cpuShares: '--cpu-shares',
  cpusetCpus: '--cpuset-cpus',
  cpusetMems: '--cpuset-mems',
  pidsLimit: '--pids-limit',
  blkioWeight: '--blkio-weight',
  devices: '--device',
};

/** Every limit there is, for a driver that enforces them all. */
export const ALL_LIMITS = Object.keys(LIMIT_FLAGS) as readonly LimitName[];

const MIB = 2 ** 20;
/** Below it a container dies while it is set up; docker has the same floor. */
const MIN_MEMORY = 6 * MIB;
/** The bounds of cpu.shares in v1; cpu.weight in v2 is made from it. */
const SHARES = { min: 2, max: 262_144 } as const;
const WEIGHT = { min: 10, max: 1000 } as const;
/** PID_MAX_LIMIT of 64-bit kernels: pids.max refuses more. */
const MAX_PIDS = 4_194_304;

/** The limits that were asked for. An empty device list asks for nothing. */
export function requestedLimits(limits: ResourceSpec): LimitName[] {
  return ALL_LIMITS.filter((name) => (name === 'devices' ? limits.devices.length > 0 : limits[name] !== undefined));
}

/**
 * Refuses limits that make no sense on any driver: out of range, against each other, or naming CPUs and
 * nodes that this machine lacks. Drivers call it in `validate`. @throws TsboxError ERR_TSBOX_INVALID_SPEC
 */
export function checkLimits(limits: ResourceSpec, machine: Machine): void {
  checkMemory(limits);
  checkCpus(limits, machine);
  checkSet('cpusetCpus', limits.cpusetCpus, machine.cpus, 'CPU');
  checkSet('cpusetMems', limits.cpusetMems, machine.memoryNodes, 'memory node');
  const { pidsLimit, blkioWeight } = limits;
  if (pidsLimit !== undefined && pidsLimit !== -1)
    checkWhole('pidsLimit', pidsLimit, 0, MAX_PIDS, 'processes; -1 is no limit');
  if (blkioWeight !== undefined) checkWhole('blkioWeight', blkioWeight, WEIGHT.min, WEIGHT.max);
}

/** Bytes as people write them: `64 MiB`, `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  return `${Number((bytes / 1024 ** power).toFixed(2))} ${units[power]}`;
}

function checkMemory({ memory, memorySwap, memoryReservation }: ResourceSpec): void {
  for (const [name, value] of Object.entries({ memory, memoryReservation }) as ['memory', number | undefined][]) {
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value)) refuse(name, `${value} is not a whole number of bytes`, 'write it like 256m');
    if (value < MIN_MEMORY) refuse(name, `${value} bytes is less than the minimum of 6 MiB`, 'ask for 6m or more');
  }
  if (memory !== undefined && memoryReservation !== undefined && memoryReservation > memory) {
    refuse('memoryReservation', `it is more than the limit of ${formatBytes(memory)}`, 'make it smaller than --memory');
  }
  if (memorySwap === undefined || memorySwap === -1) return;
  if (!Number.isSafeInteger(memorySwap) || memorySwap < 0) {
    refuse('memorySwap', `${memorySwap} is not a number of bytes`, 'write it like 512m; -1 is unlimited swap');
  }
  if (memory === undefined) {
    refuse('memorySwap', 'it is memory and swap together, and no memory limit is given', 'give --memory as well');
  }
  if (memorySwap < memory) {
    const why = `${formatBytes(memorySwap)} is less than the memory limit of ${formatBytes(memory)}, which it includes`;
    refuse('memorySwap', why, 'make it at least as large as --memory; equal means no swap');
  }
}

function checkCpus({ cpus, cpuShares }: ResourceSpec, machine: Machine): void {
  const online = machine.cpus.length;
  if (cpus !== undefined && !(cpus >= 0.01 && cpus <= online)) {
    const range = `0.01 to ${online.toFixed(2)}`;
    refuse(
      'cpus',
      `${cpus} is out of range, as ${online} ${online === 1 ? 'CPU is' : 'CPUs are'} online`,
      `give a number from ${range}`,
    );
  }
  if (cpuShares !== undefined)
    checkWhole('cpuShares', cpuShares, SHARES.min, SHARES.max, 'shares; 1024 is the default');
}

function checkSet(name: LimitName, text: string | undefined, online: readonly number[], noun: string): void {
  if (text === undefined) return;
  let wanted: number[] = [];
  try {
    wanted = parseCpuList(text);
  } catch (error) {
    refuse(name, (error as Error).message, 'write it like 0-2,4');
  }
  const missing = wanted.filter((number) => !online.includes(number));
  if (missing.length > 0) refuse(name, `there is no ${noun} ${missing.join(', ')}`, `choose from ${online.join(',')}`);
}

function checkWhole(name: LimitName, value: number, min: number, max: number, unit = ''): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  refuse(name, `${value} is out of range`, `give a whole number from ${min} to ${max} ${unit}`.trimEnd());
}

function refuse(name: LimitName, why: string, fix: string): never {
  throw new TsboxError('ERR_TSBOX_INVALID_SPEC', { what: `cannot set ${LIMIT_FLAGS[name]}`, why, fix });
}
