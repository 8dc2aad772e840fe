import { constants } from 'node:os';

const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
const GIVING_UP = 3;

/** A signal that asks for the end of something long, which takes everything back first. The third one ends at once. */
export class Interrupt {
  readonly #abort = new AbortController();
  readonly #listeners = new Map<NodeJS.Signals, () => void>();
  #status: number | undefined;
  #requests = 0;

  /** @param onFirst tells the user that it was heard */
  constructor(onFirst: () => void) {
    for (const signal of ENDING) {
      const listener = () => this.#receive(128 + constants.signals[signal], onFirst);
      this.#listeners.set(signal, listener);
      process.on(signal, listener);
    }
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The exit status, once there was a signal. */
  get status(): number | undefined {
    return this.#status;
  }

  close(): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
    this.#listeners.clear();
  }

  #receive(status: number, onFirst: () => void): void {
    this.#requests++;
    // `tsbox gc` and the next comparison take back what is left now.
    if (this.#requests >= GIVING_UP) process.exit(status);
    if (this.#requests > 1) return;
    this.#status = status;
    this.#abort.abort();
    onFirst();
  }
}
