import { bytesHold, cpusetWrites, type LimitWrite, pidsWrites, type ResourceSpec } from '../../core/plugin/index.js';

/** Microseconds. */
const CPU_PERIOD = 100_000;

/** The files of cgroup v2 (cgroup-v2.rst) that hold the requested limits. */
export function v2Writes(limits: ResourceSpec): LimitWrite[] {
  return [
    ...memoryWrites(limits),
    ...cpuWrites(limits),
    ...cpusetWrites(limits, '.effective'),
    ...pidsWrites(limits),
    ...weightWrites(limits),
  ];
}

/** Swap is a limit of its own here; docker's `--memory-swap` is the sum of both. */
function memoryWrites({ memory, memorySwap, memoryReservation }: ResourceSpec): LimitWrite[] {
  const writes: LimitWrite[] = [];
  if (memory !== undefined) writes.push(bytes('memory', 'memory.max', memory));
  if (memorySwap === -1)
    writes.push({ limit: 'memorySwap', controller: 'memory', file: 'memory.swap.max', value: 'max' });
  else if (memorySwap !== undefined) writes.push(bytes('memorySwap', 'memory.swap.max', memorySwap - (memory ?? 0)));
  // Docker's default: as much swap again as memory. Without accounting nobody asked for it.
  else if (memory !== undefined) writes.push({ ...bytes('memory', 'memory.swap.max', memory), optional: true });
  if (memoryReservation !== undefined) writes.push(bytes('memoryReservation', 'memory.low', memoryReservation));
  return writes;
}

function cpuWrites({ cpus, cpuShares }: ResourceSpec): LimitWrite[] {
  const writes: LimitWrite[] = [];
  const cpu = (limit: LimitWrite['limit'], file: string, value: string) =>
    writes.push({ limit, controller: 'cpu', file, value });
  if (cpuShares !== undefined) cpu('cpuShares', 'cpu.weight', String(cpuWeight(cpuShares)));
  if (cpus !== undefined) cpu('cpus', 'cpu.max', `${Math.round(cpus * CPU_PERIOD)} ${CPU_PERIOD}`);
  return writes;
}

function weightWrites({ blkioWeight }: ResourceSpec): LimitWrite[] {
  const writes: LimitWrite[] = [];
  if (blkioWeight !== undefined) {
    const otherwise = { file: 'io.weight', value: String(ioWeight(blkioWeight)) };
    writes.push({
      limit: 'blkioWeight',
      controller: 'io',
      file: 'io.bfq.weight',
      value: String(blkioWeight),
      otherwise,
    });
  }
  return writes;
}

/**
 * cpu.shares (2 to 262144, default 1024) as cpu.weight (1 to 10000, default 100): the curve through
 * these three points that the OCI runtimes agreed on, so that a share means the same everywhere.
 */
export function cpuWeight(shares: number): number {
  if (shares <= 2) return 1;
  if (shares >= 262_144) return 10_000;
  const log = Math.log2(shares);
  const weight = 10 ** ((log * log + 125 * log) / 612 - 7 / 34);
  // Rounded up, but not over a floating-point crumb: 1024 shares are 100 exactly.
  return Math.ceil(weight - 1e-9);
}

/** blkio weight (10 to 1000) as io.weight (1 to 10000), linearly. */
export function ioWeight(weight: number): number {
  return 1 + Math.floor(((weight - 10) * 9999) / 990);
}

function bytes(limit: LimitWrite['limit'], file: string, value: number): LimitWrite {
  return { limit, controller: 'memory', file, value: String(value), verify: { file, holds: bytesHold(value) } };
}
