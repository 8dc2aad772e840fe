import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, type LibraryEngine } from '../../core/index.js';
import { median, ms } from '../statistics.js';
import { compileFloor, Floor, writeFloorInput } from './floor.js';

/**
 * What a launch costs in a warm engine, against a C program that makes the same system calls.
 * Interleaved, because the machine drifts: each round measures every kind a few times.
 */
const ROUNDS = Number(process.env.ROUNDS ?? 15);
const PER_ROUND = Number(process.env.PER_ROUND ?? 10);

type Measure = () => Promise<[number, number]>;

function tsbox(engine: LibraryEngine, network: string, patienceMs = 0): Measure {
  return async () => {
    const start = process.hrtime.bigint();
    const box = await engine.run({
      image: 'host',
      command: ['/bin/true'],
      network,
      storage: 'overlay',
      stdio: 'ignore',
      patienceMs,
    });
    const started = Number(process.hrtime.bigint() - start);
    await box.wait();
    return [started, Number(process.hrtime.bigint() - start)];
  };
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tsbox-bench-'));
  const root = join(directory, 'root');
  await using engine = await createEngine({ root, runroot: join(directory, 'run') });
  try {
    await measure(engine, directory, root);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function measure(engine: LibraryEngine, directory: string, root: string): Promise<void> {
  mkdirSync(join(root, 'containers'), { recursive: true });
  const binary = compileFloor(process.env.BENCH_ROOT as string, directory);
  const plan = await engine.plan({ image: 'host', command: ['/bin/true'], network: 'none', storage: 'overlay' });
  const floor = new Floor(binary, ...writeFloorInput(plan, directory, 'none'));
  const kinds: Record<string, Measure> = {
    'floor in C, no network': () => floor.launch(),
    'tsbox, no network': tsbox(engine, 'none'),
    'tsbox, no network, waits': tsbox(engine, 'none', 100),
    'tsbox, bridge': tsbox(engine, 'bridge'),
  };
  const samples = new Map(Object.keys(kinds).map((name) => [name, [] as [number, number][]]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, launch] of Object.entries(kinds)) {
      for (let i = 0; i < PER_ROUND; i++) {
        const sample = await launch();
        // The first round warms up.
        if (round > 0) samples.get(name)?.push(sample);
      }
    }
  }
  floor.close();
  print(samples);
}

function print(samples: Map<string, [number, number][]>): void {
  const rows = [...samples].map(([name, values]) => ({
    name,
    started: median(values.map(([started]) => started)),
    gone: median(values.map(([, gone]) => gone)),
    count: values.length,
  }));
  const floor = rows[0] as (typeof rows)[0];
  console.log('medians in ms           started  x floor     gone  x floor  samples');
  for (const { name, started, gone, count } of rows) {
    const cells = [
      ms(started),
      (started / floor.started).toFixed(2),
      ms(gone),
      (gone / floor.gone).toFixed(2),
      String(count),
    ];
    console.log(name.padEnd(24) + cells.map((cell) => cell.padStart(7)).join('  '));
  }
  const started = (name: string) => rows.find((row) => row.name === name)?.started ?? Number.NaN;
  const more = started('tsbox, bridge') - started('tsbox, no network');
  console.log(`bridge costs ${ms(more)} ms more than no network`);
}

await main();
