import { constants } from 'node:os';

/** What signals are passed on to. */
interface Target {
  kill(signal: number): boolean;
}

/** What is passed on. Not SIGCHLD and SIGPIPE, which are ours, nor what stops a job: the shell's business. */
const FORWARDED: readonly NodeJS.Signals[] = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGQUIT',
  // Also keeps node from opening its debugger on it.
  'SIGUSR1',
  'SIGUSR2',
  'SIGALRM',
  'SIGCONT',
];
const ENDING: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGALRM'];
const GIVING_UP = 3;
/** A launch that takes longer than this after a request to end is given up. */
const PATIENCE_MS = 500;

/**
 * Passes our signals on to the container. The first process of a pid namespace ignores those that
 * it has no handler for (pid_namespaces(7)), so the third request to end kills.
 */
export class SignalForwarder {
  readonly #abort = new AbortController();
  readonly #listeners = new Map<NodeJS.Signals, () => void>();
  /** Received before there was a container. The command may run before we know that it does. */
  readonly #waiting: NodeJS.Signals[] = [];
  #container: Target | undefined;
  #requests = 0;
  #patience: NodeJS.Timeout | undefined;

  constructor() {
    for (const signal of FORWARDED) {
      const listener = () => this.#receive(signal);
      this.#listeners.set(signal, listener);
      process.on(signal, listener);
    }
  }

  /** Ends a launch that takes its time, such as one that copies an image. */
  get aborted(): AbortSignal {
    return this.#abort.signal;
  }

  /** The exit status of a launch that was ended so. */
  get abortStatus(): number | undefined {
    const request = this.#waiting.find((signal) => ENDING.includes(signal));
    return this.#abort.signal.aborted && request ? 128 + constants.signals[request] : undefined;
  }

  attach(container: Target): void {
    clearTimeout(this.#patience);
    this.#container = container;
    for (const signal of this.#waiting.splice(0)) this.#pass(signal, container);
  }

  close(): void {
    clearTimeout(this.#patience);
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
    this.#listeners.clear();
  }

  #receive(signal: NodeJS.Signals): void {
    if (signal === 'SIGINT' || signal === 'SIGTERM') this.#requests++;
    if (this.#container) this.#pass(signal, this.#container);
    else this.#keep(signal);
  }

  #pass(signal: NodeJS.Signals, container: Target): void {
    container.kill(constants.signals[this.#requests >= GIVING_UP ? 'SIGKILL' : signal]);
  }

  #keep(signal: NodeJS.Signals): void {
    this.#waiting.push(signal);
    if (this.#requests >= GIVING_UP) this.#abort.abort();
    else if (ENDING.includes(signal)) this.#patience ??= setTimeout(() => this.#abort.abort(), PATIENCE_MS);
  }
}
