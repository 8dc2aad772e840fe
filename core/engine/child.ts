import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExitNotice } from '../kernel/exit-notice.js';
import type { WaitStatus } from '../kernel/gate.js';
import type { TsboxError } from '../plugin/error.js';
import type { EncodedProgram } from '../program/encode.js';
import { ProgramSession, type ProgramTimings } from '../program/session.js';
import type { LauncherSource } from '../program/stage-one.js';
import { identify, isAlive, isEnding, type ProcessIdentity, parentOf } from '../state/process-identity.js';
import { readRunState } from '../state/run-state.js';
import type { ChildStdio } from './child-stdio.js';
import { programFailure } from './failure.js';
import type { LaunchState } from './launch-state.js';

export interface ChildOptions {
  readonly stdio: ChildStdio;
  readonly program: EncodedProgram;
  readonly launchers: LauncherSource;
  readonly notice: ExitNotice;
  readonly patienceMs: number;
  /** A monitor will be its parent. */
  readonly watched: boolean;
}

/** A monitor writes down the end, syncs, and leaves; storage that hangs may keep it. */
const MONITOR_PATIENCE_MS = 10_000;
const SIGKILL = 9;

/** The container's first process, from its spawn until it is the command, or is gone. */
export class Child {
  readonly #state: LaunchState;
  readonly #options: ChildOptions;
  readonly #session: ProgramSession;
  #pidfd: number | undefined;
  #identity: ProcessIdentity | undefined;
  #monitor: ProcessIdentity | undefined;
  #open = true;

  /** On a failure the streams are the caller's to end. */
  constructor(state: LaunchState, options: ChildOptions) {
    this.#state = state;
    this.#options = options;
    const { gate } = state;
    const { childFds, extra } = options.stdio;
    this.#session = new ProgramSession({ gate, ...options, stdio: childFds, extra });
    options.stdio.started();
    // Its end says that the clone is there. What there is to find out about that is found out while it is at work.
    if (!options.watched) options.notice.attend(() => !this.#open || this.#adoptEarly());
  }

  /** Waits for the barrier. @returns false when the child ended before it */
  async atBarrier(): Promise<boolean> {
    const arrived = await this.#session.atBarrier();
    this.#adopt();
    return arrived;
  }

  /** Puts bytes into its program, ahead of where it is. */
  write(offset: number, bytes: Uint8Array): void {
    this.#session.write(offset, bytes);
  }

  /** Lets the child go on, with the descriptors that it takes, one list per message. */
  go(messages: readonly (readonly number[])[]): void {
    this.#session.go(messages);
  }

  /**
   * Waits until the child is the command; its terminal, if it has one, is then ours to read.
   * @returns what went wrong instead
   */
  async executed(): Promise<TsboxError | undefined> {
    await this.#session.executed();
    this.#session.reapStageOne();
    this.#adopt();
    const failure = programFailure(this.#session, this.#state.command.argv, this.#options.program);
    this.identify();
    if (!failure) this.#options.stdio.takeTerminal();
    return failure;
  }

  /** The child, which is ours to reap; there at the latest when {@link executed} resolves, undefined where it has a monitor. */
  get identity(): ProcessIdentity | undefined {
    return this.#identity;
  }

  /** Finds out {@link identity} where there is a child of ours: nobody else has its pid before we reap it. */
  identify(): void {
    if (this.#pidfd === undefined || this.#monitor) return;
    this.#identity ??= identify(this.#state.pid as number);
  }

  /** What watches the child, if it is not this process. */
  get monitor(): ProcessIdentity | undefined {
    return this.#monitor;
  }

  /** Whether an op failed, rather than the process having been killed. */
  get opFailed(): boolean {
    return this.#session.state().failed !== undefined;
  }

  /** Whether it is about to end, or has: its namespaces may be gone. */
  get isEnding(): boolean {
    return this.#pidfd !== undefined && isEnding(this.#state.pid as number);
  }

  /** Whether its program can still be read. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** When the ops of a traced program were executed. */
  timings(): ProgramTimings {
    return this.#session.timings();
  }

  /** What each op returned: a result, or minus errno; 0 where it was not reached. */
  outcomes(): Int32Array {
    return this.#session.outcomes();
  }

  /** Hands the running command over: its pidfd is the caller's now. */
  release(): number {
    const pidfd = this.#pidfd as number;
    this.#pidfd = undefined;
    this.#close();
    return pidfd;
  }

  /** Kills it and waits for its end; after this nothing runs that an undo could pull something away from. */
  async end(): Promise<WaitStatus | undefined> {
    this.#options.stdio.destroy();
    try {
      if (this.#open && this.#pidfd === undefined) {
        this.#session.reapStageOne();
        this.#adopt();
      }
    } finally {
      this.#close();
    }
    const pidfd = this.#pidfd;
    this.#pidfd = undefined;
    if (this.#monitor) return this.#endMonitored(this.#monitor, pidfd);
    return pidfd === undefined ? undefined : this.#endOwn(pidfd);
  }

  async #endOwn(pidfd: number): Promise<WaitStatus> {
    const { gate, pid } = this.#state;
    try {
      const sent = gate.attempt('pidfd_send_signal', pidfd, SIGKILL, null, 0);
      // Our child: until it is waited for, its pid is nobody else's.
      if (sent < 0) gate.call('kill', pid as number, SIGKILL);
      return await new Promise<WaitStatus>((resolve) => this.#options.notice.watch(pidfd, resolve));
    } finally {
      closeSync(pidfd);
    }
  }

  /** The child is the monitor's to reap; the monitor leaves when it has. */
  async #endMonitored(monitor: ProcessIdentity, pidfd: number | undefined): Promise<WaitStatus | undefined> {
    if (pidfd !== undefined) {
      // ESRCH: it ended by itself.
      this.#state.gate.attempt('pidfd_send_signal', pidfd, SIGKILL, null, 0);
      closeSync(pidfd);
    }
    const deadline = performance.now() + MONITOR_PATIENCE_MS;
    while (isAlive(monitor) && performance.now() < deadline) await sleep(1);
    const run = readRunState(this.#state.paths.container);
    return run && run.phase !== 'running' ? { exitCode: run.exitCode, signal: run.signal } : undefined;
  }

  #adoptEarly(): boolean {
    try {
      if (!this.#session.tryReapStageOne()) return false;
      this.#adopt();
      this.identify();
    } catch {
      // Whoever waits for the child meets it again, and says so.
    }
    return true;
  }

  /**
   * Takes hold of the clone, once. It is our child and stays a zombie until we reap it, or its monitor's:
   * then it may be gone already, and its pid somebody else's.
   */
  #adopt(): void {
    const { child, watcher } = this.#session.state();
    if (watcher > 0) this.#monitor ??= identified(watcher);
    if (child <= 0 || this.#pidfd !== undefined) return;
    this.#state.pid = child;
    if (watcher === 0) {
      this.#pidfd = this.#state.gate.call('pidfd_open', child, 0);
      return;
    }
    const pidfd = this.#state.gate.attempt('pidfd_open', child, 0);
    if (pidfd < 0) return;
    if (parentOf(child) === watcher) this.#pidfd = pidfd;
    else closeSync(pidfd);
  }

  #close(): void {
    if (this.#open) this.#session.close();
    this.#open = false;
  }
}

/** Undefined when there is no such process any more. */
function identified(pid: number): ProcessIdentity | undefined {
  try {
    return identify(pid);
  } catch {
    return undefined;
  }
}
