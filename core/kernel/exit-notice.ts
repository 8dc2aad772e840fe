import type { Gate, WaitStatus } from './gate.js';

/** Signals coalesce and a listener can be removed by the embedding program: a slow look finds what was missed. */
const MAIN_THREAD_POLL_MS = 500;
/** Worker threads get no signals. Waiting in libuv's pool would take one of its four threads per container. */
const WORKER_POLL_MS = 10;
const F_SETFL = 4;
const F_SETOWN = 8;
const F_SETSIG = 10;
const O_ASYNC = 0x2000;
const SIGCHLD = 17;

type Listener = (status: WaitStatus) => void;

/**
 * Tells when children end. Works beside libuv's own children: libuv waits for its pids by number,
 * this for ours by pidfd, and nobody waits for any child. While there is something to wait for the process
 * stays alive; the SIGCHLD listener stays a little longer, since the next launch would add it again.
 */
export class ExitNotice {
  readonly #looks = new Set<() => boolean>();
  #timer: NodeJS.Timeout | undefined;
  #inMainThread: boolean | undefined;
  readonly #look = () => {
    for (const look of this.#looks) if (look()) this.#looks.delete(look);
    if (this.#looks.size === 0) this.#timer?.unref();
  };

  constructor(readonly gate: Gate) {}

  /** Calls `listener` once, when the child behind `pidfd` has ended; the child is then reaped. */
  watch(pidfd: number, listener: Listener): void {
    const take = () => {
      const status = this.gate.wait({ pidfd }, false);
      if (status) listener(status);
      return status !== undefined;
    };
    this.attend(take);
    // The child may have ended before it was waited for, and its signal is over, or came with another's.
    setImmediate(() => this.#retry(take));
  }

  /**
   * Calls `look` whenever something happens on a socket, now and at other times too, until it returns true.
   * @returns false where that cannot be had, and nothing is done
   */
  watchSocket(fd: number, look: () => boolean): boolean {
    if (!this.signals(fd)) return false;
    if (!look()) this.attend(look);
    return true;
  }

  /**
   * Has the kernel say with SIGCHLD as well (F_SETSIG of fcntl(2)) that something happens on a socket: a stream of
   * Node's would cost more than all else that a launch does in JavaScript. Who waits for it is {@link attend}ed to.
   * @returns false where that cannot be had
   */
  signals(fd: number): boolean {
    if (!this.#hasSignals()) return false;
    const settings = [
      [F_SETOWN, process.pid],
      [F_SETSIG, SIGCHLD],
      [F_SETFL, O_ASYNC],
    ] as const;
    for (const [command, value] of settings) if (this.gate.attempt('fcntl', fd, command, value) < 0) return false;
    return true;
  }

  /** Gives the listener up. What is still waited for is looked at no more. */
  close(): void {
    this.#looks.clear();
    this.#stop();
  }

  /** Calls `look` whenever a child may have ended, until it returns true. */
  attend(look: () => boolean): void {
    this.#looks.add(look);
    if (this.#timer) {
      this.#timer.ref();
      return;
    }
    const hasSignals = this.#hasSignals();
    this.#timer = setInterval(() => this.#poll(), hasSignals ? MAIN_THREAD_POLL_MS : WORKER_POLL_MS);
    if (hasSignals) process.on('SIGCHLD', this.#look);
  }

  #retry(look: () => boolean): void {
    if (!this.#looks.has(look) || !look()) return;
    this.#looks.delete(look);
    if (this.#looks.size === 0) this.#timer?.unref();
  }

  #poll(): void {
    if (this.#looks.size === 0) this.#stop();
    else this.#look();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    process.off('SIGCHLD', this.#look);
  }

  /** gettid(2) of the main thread is the pid; node:worker_threads would load all of Node's streams to say so. */
  #hasSignals(): boolean {
    this.#inMainThread ??= this.gate.call('gettid') === process.pid;
    return this.#inMainThread;
  }
}
