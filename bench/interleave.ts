import { median, ms } from './statistics.js';

/** One measurement: nanoseconds, as many numbers as the table has columns. */
export type Measure = () => Promise<readonly number[]>;

/**
 * Measures every kind a few times in each round, because a machine drifts within minutes and would
 * favour one of two that are measured one after the other. The first round warms up.
 */
export async function interleave(
  kinds: Readonly<Record<string, Measure>>,
  { rounds, perRound }: { readonly rounds: number; readonly perRound: number },
): Promise<Map<string, (readonly number[])[]>> {
  const samples = new Map(Object.keys(kinds).map((name) => [name, [] as (readonly number[])[]]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, measure] of Object.entries(kinds)) {
      for (let i = 0; i < perRound; i++) {
        const sample = await measure();
        if (round > 0) samples.get(name)?.push(sample);
      }
    }
  }
  return samples;
}

/** Prints medians in milliseconds and as ratios to the first row. @returns the medians by row */
export function printTable(
  columns: readonly string[],
  samples: Map<string, (readonly number[])[]>,
): Map<string, number[]> {
  const medians = new Map(
    [...samples].map(([name, values]) => [
      name,
      columns.map((_, column) => median(values.map((value) => value[column] as number))),
    ]),
  );
  const first = [...medians.values()][0] as number[];
  const header = columns.flatMap((column) => [column, 'ratio']);
  console.log(
    `${'medians in ms'.padEnd(34)}${header.map((text) => text.padStart(9)).join('')}${'samples'.padStart(9)}`,
  );
  for (const [name, values] of medians) {
    const cells = values.flatMap((value, column) => [ms(value), (value / (first[column] as number)).toFixed(2)]);
    const count = samples.get(name)?.length ?? 0;
    console.log(`${name.padEnd(34)}${[...cells, String(count)].map((text) => text.padStart(9)).join('')}`);
  }
  console.log();
  return medians;
}
