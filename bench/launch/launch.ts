import type { LibraryEngine } from '../../core/index.js';
import { interleave, type Measure } from '../interleave.js';
import { bareNode, timedTsbox } from '../processes.js';
import { engineIn, SMALL, withScratchDisk } from '../scratch.js';
import { sampling, setting } from '../settings.js';
import { ms } from '../statistics.js';
import { printTable } from '../table.js';
import { compileFloor, startFloor, writeFloorInput } from './floor.js';
import { NetlinkTap } from './netlink-tap.js';
import { timedLaunch } from './timed-launch.js';

/**
 * What a launch costs: in a warm engine, against a C program that makes the same system calls, without a network
 * and on a bridge that is there; on a bridge that is made and removed; and as a whole process, against `node -e 0`.
 */
const WARM = sampling(15, 10);
/** An engine is warm when V8 has compiled what a launch does. */
const WARM_UP = setting('WARM_UP', 300);
const WHOLE = sampling(15, 7);
const COLUMNS = ['started', 'gone'];
const NONE = { ...SMALL, network: 'none' };
const BRIDGE = { ...SMALL, network: 'bridge' };

async function main(directory: string): Promise<void> {
  const tap = new NetlinkTap();
  await using engine = await engineIn(directory);
  {
    await using _holder = await engine.run({ ...BRIDGE, command: ['sleep', '3600'], stdio: 'ignore' });
    await againstFloors(engine, tap, directory);
    await wholeProcesses(directory);
  }
  await alone(engine);
}

async function againstFloors(engine: LibraryEngine, tap: NetlinkTap, directory: string): Promise<void> {
  const binary = compileFloor(directory);
  const input = writeFloorInput(await engine.plan(NONE), directory, 'none');
  const messages = await bridgeMessages(engine, tap);
  tap.close();
  const floors = [
    startFloor(binary, input),
    startFloor(binary, writeFloorInput(await engine.plan(BRIDGE), directory, 'bridge', messages)),
  ] as const;
  const kinds: Record<string, Measure> = {
    'floor in C, no network': () => floors[0].once(),
    'tsbox, no network': () => timedLaunch(engine, NONE),
    'tsbox, no network, waiting': () => timedLaunch(engine, { ...NONE, patienceMs: 100 }),
    'floor in C, bridge': () => floors[1].once(),
    'tsbox, bridge': () => timedLaunch(engine, BRIDGE),
    'tsbox, bridge, waiting': () => timedLaunch(engine, { ...BRIDGE, patienceMs: 100 }),
  };
  for (let launch = 0; launch < WARM_UP; launch++)
    for (const options of [NONE, BRIDGE]) await timedLaunch(engine, options);
  const samples = await interleave(kinds, WARM);
  for (const floor of floors) floor.close();
  const names = Object.keys(kinds);
  printTable(COLUMNS, samples.only(...names.slice(0, 3)), 'warm engine, no network');
  printTable(COLUMNS, samples.only(...names.slice(3)), 'warm engine, a bridge that is there');
}

/** What an engine that is warm says to the kernel for one container. */
async function bridgeMessages(engine: LibraryEngine, tap: NetlinkTap) {
  for (let i = 0; i < 2; i++) await timedLaunch(engine, BRIDGE);
  let wait: (() => Promise<unknown>) | undefined;
  const start = async () => {
    const box = await engine.run({ ...BRIDGE, stdio: 'ignore' });
    wait = () => box.wait();
    return box.pid;
  };
  return tap.record(start, async () => wait?.());
}

async function wholeProcesses(directory: string): Promise<void> {
  const tsbox = timedTsbox(directory);
  const run = (network: string) =>
    tsbox('run', '--rm', `--network=${network}`, '--storage=overlay', SMALL.image, 'true');
  const kinds = {
    'node -e 0': bareNode,
    'tsbox run, no network': run('none'),
    'tsbox run, a bridge that is there': run('bridge'),
  };
  printTable(['process'], await interleave(kinds, WHOLE), 'whole processes');
}

/** The bridge is made for its only container, and removed after it. */
async function alone(engine: LibraryEngine): Promise<void> {
  const kinds = {
    'tsbox, no network': () => timedLaunch(engine, NONE),
    'tsbox, alone on its bridge': () => timedLaunch(engine, BRIDGE),
  };
  const medians = printTable(COLUMNS, await interleave(kinds, WARM), 'a bridge of its own');
  const started = (name: string) => medians.get(name)?.[0] ?? Number.NaN;
  console.log(`${ms(started('tsbox, alone on its bridge') - started('tsbox, no network'))} ms more\n`);
}

await withScratchDisk(main);
