import type { Measurement } from './report.js';

/** Quantities that are measured together, because one piece of work yields them all. */
export interface Workload {
  /** Unique: what `--workloads` names. */
  readonly name: string;
  /** What it yields, in its order; {@link Trial.run} returns as many numbers. */
  readonly yields: readonly Omit<Measurement, 'samples' | 'missing'>[];
  /** How many rounds are enough, where one takes long; the comparison's own number otherwise. */
  readonly rounds?: number;
  /** Makes it ready for one candidate; called once. @throws Error whose message says why this candidate has no numbers */
  open(candidate: string): Promise<Trial>;
}

/** A workload under one candidate. Trials of all candidates are open at the same time, and run in turn. */
export interface Trial {
  /** Does the work once. @returns one number for each of {@link Workload.yields} */
  run(): Promise<readonly number[]>;
  /** Takes everything back; called once, also after a failure. */
  close(): Promise<void>;
}
