import type { ContainerHandle, LibraryEngine } from '../../core/index.js';
import { throwIfInterrupted } from '../interrupt.js';
import { timedLaunch } from '../launch/timed-launch.js';
import { timedTsbox } from '../processes.js';
import { engineIn, SMALL, withScratchDisk } from '../scratch.js';
import { setting, settings } from '../settings.js';
import { median } from '../statistics.js';
import { printNumbers } from '../table.js';
import { availableMemory, memoryOf, parentOf } from './memory.js';

/** What a launch, a list and the memory cost as more and more detached containers run. */
const COUNTS = settings('COUNTS', [1, 10, 100, 1000]);
const SAMPLES = Math.max(setting('ROUNDS', 20), 1);
const SLEEPER = { ...SMALL, command: ['sleep', '36000'], network: 'none' } as const;
const AT_ONCE = 8;
/** Of how many the monitor's memory is looked at. */
const LOOKED_AT = 20;

async function main(directory: string): Promise<void> {
  await using engine = await engineIn(directory);
  const running: ContainerHandle[] = [];
  const times: [string, Record<string, number>][] = [];
  const space: [string, Record<string, number>][] = [];
  const before = availableMemory();
  try {
    for (const count of COUNTS) {
      await inLanes(count - running.length, async () => {
        running.push(await engine.runDetached(SLEEPER));
      });
      times.push([`${count} running`, await measuredTimes(engine, directory)]);
      space.push([`${count} running`, await measuredMemory(running, before)]);
    }
  } finally {
    await inLanes(running.length, async (index) => running[index]?.remove({ force: true }));
  }
  printNumbers('as containers go', 'ms', times);
  printNumbers('memory as containers go', 'KiB', space, 0);
}

async function measuredTimes(engine: LibraryEngine, directory: string): Promise<Record<string, number>> {
  const tsbox = timedTsbox(directory);
  const launches = await sampled(() => timedLaunch(engine, { ...SMALL, network: 'none' }));
  const lists = await sampled(async () => {
    const start = process.hrtime.bigint();
    await engine.list();
    return [Number(process.hrtime.bigint() - start)];
  });
  const ps = await sampled(tsbox('ps'));
  const column = (samples: number[][], index: number) => median(samples.map((sample) => sample[index] as number)) / 1e6;
  return {
    started: column(launches, 0),
    gone: column(launches, 1),
    'list in process': column(lists, 0),
    'tsbox ps': column(ps, 0),
  };
}

async function measuredMemory(running: readonly ContainerHandle[], before: number): Promise<Record<string, number>> {
  const pids = await Promise.all(running.slice(0, LOOKED_AT).map(async (one) => (await one.inspect()).State.Pid));
  const monitors = pids.map((pid) => memoryOf(parentOf(pid)));
  return {
    'of a monitor': median(monitors),
    'of its command': median(pids.map(memoryOf)),
    'host, per container': (before - availableMemory()) / running.length,
    'this engine (rss)': process.memoryUsage().rss / 1024,
  };
}

async function sampled(measure: () => Promise<readonly number[]>): Promise<number[][]> {
  const samples: number[][] = [];
  for (let i = 0; i <= SAMPLES; i++) {
    throwIfInterrupted();
    const sample = await measure();
    if (i > 0) samples.push([...sample]);
  }
  return samples;
}

async function inLanes(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  const lanes = await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
  for (const lane of lanes) if (lane.status === 'rejected') throw lane.reason;
}

await withScratchDisk(main);
