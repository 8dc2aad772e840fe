import {
  bytesHold,
  cpusetWrites,
  type LimitWrite,
  type PlacedWrite,
  pidsWrites,
  type ResourceSpec,
  readLimit,
} from '../../core/plugin/index.js';

/** The default of the kernel and of every container engine; quotas are parts of it. Microseconds. */
const CFS_PERIOD = 100_000;
const MEMORY_FILE = 'memory.limit_in_bytes';
export const SWAP_FILE = 'memory.memsw.limit_in_bytes';

/** The files of cgroup v1 that hold the requested limits, in the order in which they are written. */
export function v1Writes(limits: ResourceSpec): LimitWrite[] {
  return [
    ...memoryWrites(limits),
    ...cpuWrites(limits),
    ...cpusetWrites(limits, ''),
    ...pidsWrites(limits),
    ...weightWrites(limits),
  ];
}

/** memory.memsw counts memory and swap together and may not be below the memory limit: that one goes first. */
function memoryWrites({ memory, memorySwap, memoryReservation }: ResourceSpec): LimitWrite[] {
  const writes: LimitWrite[] = [];
  if (memory !== undefined) writes.push(bytes('memory', MEMORY_FILE, memory));
  if (memorySwap === -1) writes.push({ limit: 'memorySwap', controller: 'memory', file: SWAP_FILE, value: '-1' });
  else if (memorySwap !== undefined) writes.push(bytes('memorySwap', SWAP_FILE, memorySwap));
  // Docker's default: as much swap again as memory. Without accounting nobody asked for it.
  else if (memory !== undefined) writes.push({ ...bytes('memory', SWAP_FILE, memory * 2), optional: true });
  if (memoryReservation !== undefined)
    writes.push(bytes('memoryReservation', 'memory.soft_limit_in_bytes', memoryReservation));
  return writes;
}

/**
 * memory.memsw may not be below the memory limit at any moment: when that is raised above what memsw
 * is now, memsw goes first.
 */
export function inMemoryOrder(writes: readonly PlacedWrite[]): PlacedWrite[] {
  const memory = writes.find(({ write }) => write.file === MEMORY_FILE);
  const swap = writes.find(({ write }) => write.file === SWAP_FILE);
  const now = swap && readLimit(`${swap.directory}/${SWAP_FILE}`);
  if (!memory || !swap || now === undefined || Number(memory.write.value) <= now) return [...writes];
  return [swap, ...writes.filter((one) => one !== swap)];
}

function cpuWrites({ cpus, cpuShares }: ResourceSpec): LimitWrite[] {
  const writes: LimitWrite[] = [];
  const cpu = (limit: LimitWrite['limit'], file: string, value: number) =>
    writes.push({ limit, controller: 'cpu', file, value: String(value) });
  if (cpuShares !== undefined) cpu('cpuShares', 'cpu.shares', cpuShares);
  if (cpus !== undefined) {
    cpu('cpus', 'cpu.cfs_period_us', CFS_PERIOD);
    cpu('cpus', 'cpu.cfs_quota_us', Math.round(cpus * CFS_PERIOD));
  }
  return writes;
}

function weightWrites({ blkioWeight }: ResourceSpec): LimitWrite[] {
  const writes: LimitWrite[] = [];
  if (blkioWeight !== undefined) {
    const value = String(blkioWeight);
    // bfq's file, and that of cfq before Linux 5.0.
    const otherwise = { file: 'blkio.weight', value };
    writes.push({ limit: 'blkioWeight', controller: 'blkio', file: 'blkio.bfq.weight', value, otherwise });
  }
  return writes;
}

function bytes(limit: LimitWrite['limit'], file: string, value: number): LimitWrite {
  return { limit, controller: 'memory', file, value: String(value), verify: { file, holds: bytesHold(value) } };
}
