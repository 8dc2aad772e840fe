import type { Sample, Trial, Workload } from './workload.js';

/** A trial with the samples that it has given, or the reason why it gives none. */
export class OpenTrial {
  readonly #rounds: (readonly Sample[])[] = [];
  #trial: Trial | undefined;
  #failure: string | undefined;

  constructor(
    readonly workload: Workload,
    readonly candidate: string,
  ) {}

  /** For people: what is measured first. */
  get title(): string {
    return this.workload.yields[0]?.title ?? this.workload.name;
  }

  async open(): Promise<void> {
    try {
      this.#trial = await this.workload.open(this.candidate);
    } catch (error) {
      this.#failure = reasonOf(error);
    }
  }

  /** @param counts false: a round that only warms up */
  async run(counts: boolean): Promise<void> {
    if (!this.#trial || this.#failure !== undefined) return;
    try {
      const samples = await this.#trial.run();
      refuseNonsense(samples, this.workload);
      if (counts) this.#rounds.push(samples);
    } catch (error) {
      this.#failure = reasonOf(error);
    }
  }

  /** @param warn is told of what could not be taken back */
  async close(warn: (message: string) => void): Promise<void> {
    const trial = this.#trial;
    this.#trial = undefined;
    try {
      await trial?.close();
    } catch (error) {
      warn(`what ${this.workload.name} made under ${this.candidate} could not be taken back: ${reasonOf(error)}`);
    }
  }

  /** Why there are no numbers of a quantity. Some of a candidate that has failed would not be those of the others. */
  missing(index: number): string | undefined {
    return this.#failure ?? this.#rounds.map((samples) => samples[index]).find((sample) => typeof sample === 'string');
  }

  samples(index: number): number[] {
    return this.#rounds.map((samples) => samples[index] as number);
  }
}

/** A workload that counts wrongly must not look like a measurement. */
function refuseNonsense(samples: readonly Sample[], { name, yields }: Workload): void {
  const isGood = (sample: Sample) => typeof sample === 'string' || (Number.isFinite(sample) && sample >= 0);
  if (samples.length === yields.length && samples.every(isGood)) return;
  throw new Error(`${name} gave ${JSON.stringify(samples)} for ${yields.length} quantities`);
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split('\n').join(' ');
}
