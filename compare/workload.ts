import type { Measurement } from './report.js';

/** Quantities that are measured together, because one piece of work yields them all. */
export interface Workload {
  /** Unique: what `--workloads` names. */
  readonly name: string;
  /** What it yields, in its order; {@link Trial.run} returns as many samples. */
  readonly yields: readonly Omit<Measurement, 'samples' | 'missing'>[];
  /**
   * How many rounds are enough, where one takes long; the comparison's own number otherwise. Fewer than
   * {@link FEWEST_ROUNDS} say that it has no spread: it is not warmed up then, and no more are made for `--rounds`.
   */
  readonly rounds?: number;
  /** Makes it ready for one candidate; called once. @throws Error whose message says why this candidate has no numbers */
  open(candidate: string): Promise<Trial>;
}

/** A workload under one candidate. Trials of all candidates are open at the same time, and run in turn. */
export interface Trial {
  /** Does the work once. @returns one sample for each of {@link Workload.yields} @throws Error as `open` does */
  run(): Promise<readonly Sample[]>;
  /** Takes everything back; called once, also after a failure. */
  close(): Promise<void>;
}

/** A number, or why this candidate has none of this quantity: a path that a network does not have. */
export type Sample = number | string;

/** Of a quantity with a spread. */
export const FEWEST_ROUNDS = 20;
