import { constants } from 'node:os';
import type { AbortRequest } from '../core/engine/index.js';

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
  readonly #abort = new Abort();
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
  get aborted(): AbortRequest {
    return this.#abort;
  }

  /** The exit status of a launch that was ended so. */
  get abortStatus(): number | undefined {
    const request = this.#waiting.find((signal) => ENDING.includes(signal));
    return this.#abort.aborted && request ? 128 + constants.signals[request] : undefined;
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

/** Does what an AbortController would, whose making a start that nobody interrupts can be spared. */
class Abort implements AbortRequest {
  readonly #listeners = new Set<() => void>();
  aborted = false;

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of this.#listeners) listener();
  }

  throwIfAborted(): void {
    if (this.aborted) throw new DOMException('This operation was aborted', 'AbortError');
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }
}
