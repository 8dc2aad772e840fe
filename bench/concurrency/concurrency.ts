import type { LibraryEngine } from '../../core/index.js';
import { interleave, type Measure } from '../interleave.js';
import { engineIn, SMALL, withScratchDisk } from '../scratch.js';
import { sampling, setting } from '../settings.js';
import { printTable } from '../table.js';

/** What several launches at once gain: the same number of containers, from the first start until all are gone. */
const CONTAINERS = setting('CONTAINERS', 16);
const SAMPLING = sampling(25, 4);
const OPTIONS = { ...SMALL, network: 'none', stdio: 'ignore' } as const;

async function main(directory: string): Promise<void> {
  await using engine = await engineIn(directory);
  const widths = [1, 4, CONTAINERS];
  const kinds: Record<string, Measure> = Object.fromEntries(
    widths.map((width) => [`${width} at once`, () => launches(engine, width)]),
  );
  const medians = printTable(
    [`${CONTAINERS} launches`],
    await interleave(kinds, SAMPLING),
    'launches at once, no network',
  );
  const sequential = medians.get('1 at once')?.[0] as number;
  for (const [name, [time = Number.NaN]] of medians) {
    const rate = (CONTAINERS * 1e9) / time;
    console.log(
      `${name}: ${rate.toFixed(0)} launches a second, ${(sequential / time).toFixed(2)} times the sequential`,
    );
  }
  console.log();
}

/** So many lanes, each with one container after another. */
async function launches(engine: LibraryEngine, width: number): Promise<[number]> {
  const start = process.hrtime.bigint();
  let left = CONTAINERS;
  const lane = async () => {
    while (left-- > 0) await (await engine.run(OPTIONS)).wait();
  };
  await Promise.all(Array.from({ length: width }, lane));
  return [Number(process.hrtime.bigint() - start)];
}

await withScratchDisk(main);
