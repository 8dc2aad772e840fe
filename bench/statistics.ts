import { estimate } from '../compare/statistics.js';

/** The middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  return estimate(values).median;
}

/** Milliseconds from nanoseconds, two decimals. */
export function ms(nanoseconds: number): string {
  return (nanoseconds / 1e6).toFixed(2);
}

export interface Ratio {
  readonly value: number;
  /** What holds the true ratio in 95 of 100 experiments. */
  readonly low: number;
  readonly high: number;
}

/**
 * How many times as much one is as the other. Its interval is that of the ratios of single rounds: within a
 * round the machine is one and the same.
 */
export function ratioOf(values: readonly number[], base: readonly number[], perRound: number): Ratio {
  const rounds = Math.min(values.length, base.length) / perRound;
  const ofRound = (all: readonly number[], round: number) =>
    median(all.slice(round * perRound, (round + 1) * perRound));
  const ratios = Array.from(
    { length: Math.floor(rounds) },
    (_, round) => ofRound(values, round) / ofRound(base, round),
  );
  const value = median(values) / median(base);
  if (ratios.length === 0) return { value, low: value, high: value };
  const { low, high } = estimate(ratios);
  return { value, low, high };
}
