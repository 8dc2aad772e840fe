import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { throwIfInterrupted } from '../interrupt.js';
import { engineIn, SMALL, withScratchDisk } from '../scratch.js';
import { setting } from '../settings.js';
import { printNumbers } from '../table.js';

/** What one engine holds that launches container after container: it must not grow after the first few hundred. */
const LAUNCHES = setting('LAUNCHES', 10_000);
const EVERY = Math.max(1, Math.min(500, Math.floor(LAUNCHES / 2)));
const KIB = 1024;

/** What V8 compiles is on the heap too, and grows for thousands of launches: without it, what tsbox holds is left. */
const UNCOMPILED = [
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--no-lazy-feedback-allocation',
  '--no-flush-bytecode',
];
const isUncompiled = process.execArgv.includes('--no-opt');
const TITLE = `one engine, launch after launch${isUncompiled ? ', nothing compiled' : ''}`;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function main(directory: string): Promise<void> {
  await using engine = await engineIn(directory);
  const rows: [string, Record<string, number>][] = [];
  const options = { ...SMALL, network: 'none', stdio: 'ignore' } as const;
  let began = performance.now();
  for (let launch = 1; launch <= LAUNCHES; launch++) {
    throwIfInterrupted();
    await (await engine.run(options)).wait();
    if (launch % EVERY !== 0) continue;
    rows.push([`after ${launch}`, { ...held(directory), 'ms each': (performance.now() - began) / EVERY }]);
    began = performance.now();
  }
  printNumbers(TITLE, 'KiB', rows, 1);
  conclude(rows);
}

/** Once all garbage is collected: what remains is held. */
function held(directory: string): Record<string, number> {
  collect();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    heap: heapUsed / KIB,
    external: external / KIB,
    rss: rss / KIB,
    descriptors: readdirSync('/proc/self/fd').length,
    'files in root': readdirSync(directory, { recursive: true }).length,
  };
}

/** What each launch after the first row left behind, by the slope of a straight line. */
function conclude(rows: readonly (readonly [string, Readonly<Record<string, number>>])[]): void {
  for (const [column, unit] of [
    ['heap', 'bytes'],
    ['rss', 'bytes'],
    ['descriptors', ''],
  ] as const) {
    const values = rows.map(([, numbers]) => numbers[column] as number);
    const factor = unit === 'bytes' ? KIB : 1;
    console.log(`${column}: ${((slope(values) * factor) / EVERY).toFixed(3)} ${unit} more with each launch`);
  }
  console.log();
}

function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const above = values.reduce((sum, value, x) => sum + (x - middle) * (value - mean), 0);
  const below = values.reduce((sum, _, x) => sum + (x - middle) ** 2, 0);
  return below === 0 ? 0 : above / below;
}

/** The same once more, in a process of its own. @throws Error when it fails */
async function repeatUncompiled(): Promise<void> {
  const child = spawn(process.execPath, [...UNCOMPILED, process.argv[1] as string], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [status] = await once(child, 'exit');
  if (status !== 0) throw new Error('it failed with nothing compiled');
}

await withScratchDisk(main);
if (!isUncompiled) await repeatUncompiled();
