import { throwIfInterrupted } from './interrupt.js';

/** One measurement: nanoseconds, as many numbers as the table has columns. */
export type Measure = () => Promise<readonly number[]>;

/** The samples of every kind, in the order in which they were taken: so many in each round. */
export class Samples extends Map<string, (readonly number[])[]> {
  constructor(
    entries: Iterable<readonly [string, (readonly number[])[]]>,
    readonly perRound: number,
  ) {
    super(entries);
  }

  /** Some of the kinds, in the order that is given: the first is what the others are compared with. */
  only(...names: readonly string[]): Samples {
    return new Samples(
      names.map((name) => [name, this.get(name) ?? []]),
      this.perRound,
    );
  }
}

/**
 * Measures every kind a few times in each round, because a machine drifts within minutes and would
 * favour one of two that are measured one after the other. Each round begins with another kind, or one would
 * always have the same predecessor. The first round warms up.
 */
export async function interleave(
  kinds: Readonly<Record<string, Measure>>,
  { rounds, perRound }: { readonly rounds: number; readonly perRound: number },
): Promise<Samples> {
  const names = Object.keys(kinds);
  const samples = new Samples(
    names.map((name) => [name, []]),
    perRound,
  );
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length] as string;
      for (let i = 0; i < perRound; i++) {
        throwIfInterrupted();
        const sample = await (kinds[name] as Measure)();
        if (round > 0) samples.get(name)?.push(sample);
      }
    }
  }
  return samples;
}
