import { totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../engine/index.js';
import { readMachine } from '../kernel/cpu-list.js';
import { hasCode } from '../kernel/error.js';
import { readTraffic, type Traffic } from '../kernel/traffic.js';
import type { ResourceSample } from '../plugin/running.js';
import { type ContainerState, type ContainerStateName, listContainers, requireContainer } from '../state/containers.js';
import { holdState } from './held.js';

/** What one container uses. What is not accounted (a container without a cgroup, a controller that is not there) is undefined. */
export interface ContainerStats extends ResourceSample {
  readonly id: string;
  readonly name: string;
  readonly state: ContainerStateName;
  /** CPU time since the reading before, in per cent of one CPU: two that are busy are 200. */
  readonly cpuPercent?: number;
  /** CPUs that are online. */
  readonly cpus: number;
  /** What it may use: its limit, or all memory of the machine. Bytes. */
  readonly memoryAvailable: number;
  /** Bytes since it was started, of a network namespace of its own. */
  readonly network?: Traffic;
  /** Milliseconds since 1970. */
  readonly time: number;
}

export interface StatsOptions {
  /** Names, ids, or beginnings of ids; none: all that run. */
  readonly containers?: readonly string[];
  /** With those that do not run. */
  readonly all?: boolean;
  /** Milliseconds between two readings; default a second. */
  readonly interval?: number;
  readonly signal?: AbortSignal;
  /** Is told of each container that cannot be read, which is left out. */
  readonly onError?: (error: Error) => void;
}

/** An earlier reading of a container's CPU time. */
interface Earlier {
  /** Of the process then: a container that was started again counts from 0. */
  readonly pid: number;
  readonly usageNs: number;
  readonly at: bigint;
}

const SECOND = 1000;

/**
 * Readings of what containers use, until the signal is aborted. CPU time is a difference, so the first
 * reading has none. Without names, containers come and go from one reading to the next.
 * @throws TsboxError for a name that does not exist
 */
export async function* containerStats(engine: Engine, options: StatsOptions = {}): AsyncGenerator<ContainerStats[]> {
  const { interval = SECOND, signal } = options;
  let earlier = new Map<string, Earlier>();
  // Beginnings of ids may become ambiguous later, and names may be given to others.
  const ids = options.containers?.map((reference) => requireContainer(engine.paths.root, reference).record.id);
  while (!signal?.aborted) {
    const now = new Map<string, Earlier>();
    const stats: ContainerStats[] = [];
    for (const container of chosen(engine, ids, options)) {
      const read = await readStats(engine, container, earlier.get(container.record.id), now, options);
      if (read) stats.push(read);
    }
    earlier = now;
    yield stats;
    await sleep(interval, undefined, { ...(signal && { signal }) }).catch(() => {});
  }
}

function chosen(engine: Engine, ids: readonly string[] | undefined, options: StatsOptions): ContainerState[] {
  const all = listContainers(engine.paths.root, options.onError ?? (() => {}));
  if (ids && ids.length > 0) return ids.flatMap((id) => all.find(({ record }) => record.id === id) ?? []);
  return options.all ? all : all.filter(({ state }) => state === 'running' || state === 'paused');
}

/** Undefined where the container has ended and gone meanwhile. */
async function readStats(
  engine: Engine,
  container: ContainerState,
  earlier: Earlier | undefined,
  now: Map<string, Earlier>,
  { onError }: StatsOptions,
): Promise<ContainerStats | undefined> {
  const { record, state, pid } = container;
  const cpus = readMachine().cpus.length;
  const base = { id: record.id, name: record.name, state, cpus, memoryAvailable: totalmem(), time: Date.now() };
  if (pid === undefined) return base;
  try {
    const { driver, running } = await holdState(engine, container, 'read the use of');
    const sample = driver.stats?.(running) ?? {};
    const at = process.hrtime.bigint();
    const network = readTraffic(pid);
    const { cpu, memory } = sample;
    if (cpu) now.set(record.id, { pid, usageNs: cpu.usageNs, at });
    const cpuPercent =
      cpu && earlier?.pid === pid ? percentOf(cpu.usageNs - earlier.usageNs, at - earlier.at) : undefined;
    return {
      ...base,
      ...sample,
      memoryAvailable: Math.min(memory?.limit ?? base.memoryAvailable, base.memoryAvailable),
      ...(cpuPercent !== undefined && { cpuPercent }),
      ...(network && { network }),
    };
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ERR_TSBOX_CONTAINER_STATE')) onError?.(error as Error);
    return undefined;
  }
}

function percentOf(used: number, elapsed: bigint): number {
  return elapsed > 0n ? (Math.max(0, used) / Number(elapsed)) * 100 : 0;
}
