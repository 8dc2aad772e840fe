import type { Gate, WaitStatus } from './gate.js';

/** Signals coalesce and a listener can be removed by the embedding program: a slow look finds what was missed. */
const MAIN_THREAD_POLL_MS = 500;
/** Worker threads get no signals. Waiting in libuv's pool would take one of its four threads per container. */
const WORKER_POLL_MS = 10;

type Listener = (status: WaitStatus) => void;

/**
 * Tells when children end. Works beside libuv's own children: libuv waits for its pids by number,
 * this for ours by pidfd, and nobody waits for any child. The SIGCHLD listener exists only while
 * there is something to wait for; while there is, the process stays alive.
 */
export class ExitNotice {
  readonly #waiting = new Map<number, Listener>();
  #timer: NodeJS.Timeout | undefined;
  readonly #look = () => this.#collect();

  constructor(readonly gate: Gate) {}

  /** Calls `listener` once, when the child behind `pidfd` has ended; the child is then reaped. */
  watch(pidfd: number, listener: Listener): void {
    this.#waiting.set(pidfd, listener);
    // The child may have ended before it was waited for, and its signal is over, or came with another's.
    setImmediate(() => this.#take(pidfd));
    if (this.#timer) return;
    // gettid(2) of the main thread is the pid; node:worker_threads would load all of Node's streams to say so.
    const inMainThread = this.gate.call('gettid') === process.pid;
    this.#timer = setInterval(this.#look, inMainThread ? MAIN_THREAD_POLL_MS : WORKER_POLL_MS);
    if (inMainThread) process.on('SIGCHLD', this.#look);
  }

  #collect(): void {
    for (const pidfd of [...this.#waiting.keys()]) this.#take(pidfd);
  }

  #take(pidfd: number): void {
    const listener = this.#waiting.get(pidfd);
    const status = listener && this.gate.wait({ pidfd }, false);
    if (!status) return;
    this.#waiting.delete(pidfd);
    listener(status);
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    process.off('SIGCHLD', this.#look);
  }
}
