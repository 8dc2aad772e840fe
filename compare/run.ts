import { orderOfRound } from './order.js';
import type { Measurement } from './report.js';
import { OpenTrial } from './trial.js';
import { FEWEST_ROUNDS, type Workload } from './workload.js';

/** How far a comparison is. */
export interface Progress {
  /** What is done at present: the title of a measurement, and the candidate. */
  readonly what: string;
  /** Runs of trials. */
  readonly done: number;
  readonly total: number;
}

export interface RunRequest {
  /** Names of those that can work. */
  readonly candidates: readonly string[];
  readonly workloads: readonly Workload[];
  /** Default: what each workload says, or {@link DEFAULT_ROUNDS}. */
  readonly rounds?: number;
  readonly warmUps: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** A trial could not be taken back. */
  readonly onWarning?: (message: string) => void;
}

export const DEFAULT_ROUNDS = 25;
export const DEFAULT_WARM_UPS = 1;

/** One workload with what is asked of it. */
interface Job {
  readonly workload: Workload;
  readonly rounds: number;
  readonly warmUps: number;
}

/**
 * Measures one workload after the other, each under all candidates at once: every round has each of them, because a
 * machine drifts within minutes and would favour one of two that are measured one after the other. A candidate that
 * fails is missing in that workload, with its reason; the others go on.
 * @throws what `signal` was aborted with; all trials are closed then, as they are always
 */
export async function runWorkloads(request: RunRequest): Promise<Measurement[]> {
  const jobs = request.workloads.map((workload) => jobOf(workload, request));
  const progress = new ProgressCount(request, jobs);
  const measurements: Measurement[] = [];
  for (const job of jobs) measurements.push(...(await runJob(job, request, progress)));
  return measurements;
}

function jobOf(workload: Workload, { rounds: asked, warmUps }: RunRequest): Job {
  const own = workload.rounds;
  if (own !== undefined && own < FEWEST_ROUNDS) return { workload, rounds: Math.min(own, asked ?? own), warmUps: 0 };
  return { workload, rounds: asked ?? own ?? DEFAULT_ROUNDS, warmUps };
}

async function runJob(job: Job, request: RunRequest, progress: ProgressCount): Promise<Measurement[]> {
  const { workload, rounds, warmUps } = job;
  const trials = request.candidates.map((candidate) => new OpenTrial(workload, candidate));
  try {
    for (const trial of trials) await progress.of(trial, 'open', () => trial.open());
    for (let round = 0; round < warmUps + rounds; round++) {
      for (const trial of orderOfRound(trials, round)) {
        request.signal?.throwIfAborted();
        await progress.of(trial, 'run', () => trial.run(round >= warmUps));
      }
    }
    // What was cut short by the user has failed for no reason of its own.
    request.signal?.throwIfAborted();
  } finally {
    for (const trial of trials) await trial.close(request.onWarning ?? (() => {}));
  }
  return workload.yields.map((about, index) => measurementOf(about, index, trials));
}

function measurementOf(about: Workload['yields'][number], index: number, trials: readonly OpenTrial[]): Measurement {
  const samples: Record<string, readonly number[]> = {};
  const missing: Record<string, string> = {};
  for (const trial of trials) {
    const why = trial.missing(index);
    if (why === undefined) samples[trial.candidate] = trial.samples(index);
    else missing[trial.candidate] = why;
  }
  return { ...about, samples, ...(Object.keys(missing).length > 0 && { missing }) };
}

/** Counts runs. Those of a trial that has failed are done as fast as they come. */
class ProgressCount {
  readonly #total: number;
  readonly #tell: (progress: Progress) => void;
  readonly #signal: AbortSignal | undefined;
  #done = 0;

  constructor({ candidates, onProgress = () => {}, signal }: RunRequest, jobs: readonly Job[]) {
    this.#total = candidates.length * jobs.reduce((sum, { rounds, warmUps }) => sum + rounds + warmUps, 0);
    this.#tell = onProgress;
    this.#signal = signal;
  }

  async of(trial: OpenTrial, doing: 'open' | 'run', act: () => Promise<void>): Promise<void> {
    this.#signal?.throwIfAborted();
    this.#tell({ what: `${trial.title}: ${trial.candidate}`, done: this.#done, total: this.#total });
    await act();
    if (doing === 'run') this.#done++;
  }
}
