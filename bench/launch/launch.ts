import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, type LibraryEngine } from '../../core/index.js';
import { interleave, type Measure, printTable } from '../interleave.js';
import { ms } from '../statistics.js';
import { commandLineKinds } from './command-line.js';
import { compileFloor, Floor, writeFloorInput } from './floor.js';
import { imageSizeKinds } from './image-size.js';
import { timedLaunch } from './timed-launch.js';

/**
 * What a launch costs: in a warm engine, against a C program that makes the same system calls; as a
 * whole process, against `node -e 0`; and with a large image, against a small one.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 15);
const PER_ROUND = Number(process.env.PER_ROUND ?? 10);
const STARTED_AND_GONE = ['started', 'gone'];

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tsbox-bench-'));
  const root = join(directory, 'root');
  mkdirSync(join(root, 'containers'), { recursive: true });
  try {
    await using engine = await createEngine({ root, runroot: join(directory, 'run') });
    await warmEngine(engine, directory);
    await sharedBridge(engine);
    printTable(['process'], await interleave(commandLineKinds(directory), { rounds: ROUNDS, perRound: 7 }));
    printTable(
      STARTED_AND_GONE,
      await interleave(imageSizeKinds(engine, directory), { rounds: ROUNDS, perRound: PER_ROUND }),
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function warmEngine(engine: LibraryEngine, directory: string): Promise<void> {
  const binary = compileFloor(process.env.BENCH_ROOT as string, directory);
  const host = { image: 'host', command: ['/bin/true'], storage: 'overlay' };
  const plan = await engine.plan({ ...host, network: 'none' });
  const floor = new Floor(binary, ...writeFloorInput(plan, directory, 'none'));
  const kinds: Record<string, Measure> = {
    'floor in C, no network': () => floor.launch(),
    'tsbox, no network': () => timedLaunch(engine, { ...host, network: 'none' }),
    'tsbox, no network, waiting': () => timedLaunch(engine, { ...host, network: 'none', patienceMs: 100 }),
    'tsbox, bridge': () => timedLaunch(engine, { ...host, network: 'bridge' }),
  };
  const medians = printTable(STARTED_AND_GONE, await interleave(kinds, { rounds: ROUNDS, perRound: PER_ROUND }));
  floor.close();
  const started = (name: string) => medians.get(name)?.[0] ?? Number.NaN;
  console.log(
    `a bridge costs ${ms(started('tsbox, bridge') - started('tsbox, no network'))} ms more than no network\n`,
  );
}

/** A bridge that another container holds: it is neither made nor removed. */
async function sharedBridge(engine: LibraryEngine): Promise<void> {
  const host = { image: 'host', command: ['/bin/true'], storage: 'overlay' };
  await using _holder = await engine.run({ ...host, command: ['sleep', '3600'], network: 'bridge', stdio: 'ignore' });
  const kinds: Record<string, Measure> = {
    'tsbox, no network': () => timedLaunch(engine, { ...host, network: 'none' }),
    'tsbox, a bridge that is there': () => timedLaunch(engine, { ...host, network: 'bridge' }),
  };
  printTable(STARTED_AND_GONE, await interleave(kinds, { rounds: ROUNDS, perRound: PER_ROUND }));
}

await main();
