import { constants } from 'node:os';
import type { Container } from '../core/engine/index.js';

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
const GIVING_UP = 3;

/**
 * Passes our signals on to the container. The first process of a pid namespace ignores those that
 * it has no handler for (pid_namespaces(7)), so the third request to end kills.
 */
export class SignalForwarder {
  readonly #abort = new AbortController();
  readonly #listeners = new Map<NodeJS.Signals, () => void>();
  #container: Container | undefined;
  #requests = 0;
  #received: NodeJS.Signals | undefined;

  constructor() {
    for (const signal of FORWARDED) {
      const listener = () => this.#receive(signal);
      this.#listeners.set(signal, listener);
      process.on(signal, listener);
    }
  }

  /** Aborted by a request to end that came before there was a container. */
  get aborted(): AbortSignal {
    return this.#abort.signal;
  }

  /** The exit status of a launch that such a request ended. */
  get abortStatus(): number | undefined {
    return this.#abort.signal.aborted && this.#received ? 128 + constants.signals[this.#received] : undefined;
  }

  attach(container: Container): void {
    this.#container = container;
  }

  close(): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
    this.#listeners.clear();
  }

  #receive(signal: NodeJS.Signals): void {
    const endsIt = signal !== 'SIGUSR1' && signal !== 'SIGUSR2' && signal !== 'SIGCONT';
    if (!this.#container) {
      if (!endsIt) return;
      this.#received ??= signal;
      this.#abort.abort();
      return;
    }
    if (signal === 'SIGINT' || signal === 'SIGTERM') this.#requests++;
    this.#container.kill(this.#requests >= GIVING_UP ? constants.signals.SIGKILL : constants.signals[signal]);
  }
}
