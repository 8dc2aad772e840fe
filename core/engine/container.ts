import { closeSync } from 'node:fs';
import type { ExitNotice } from '../kernel/exit-notice.js';
import type { Gate, WaitStatus } from '../kernel/gate.js';
import { deferred } from '../program/deferred.js';
import type { LaunchTrace } from './launch-trace.js';
import type { PlanEntry } from './plan.js';
import type { ContainerStdio } from './stdio.js';

/** How a container ended. */
export interface ContainerResult {
  /** What the command exited with; null when a signal ended it. */
  readonly exitCode: number | null;
  /** Signal number; null when it exited by itself. */
  readonly signal: number | null;
  /** As a shell has it: the exit code, or 128 + signal. */
  readonly status: number;
  readonly oomKilled: boolean;
  readonly timedOut: boolean;
  readonly durationMs: number;
  /** One sentence about an end that was not the command's own doing. */
  readonly explanation?: string;
  /** `tsbox explain ID` says more about that. */
  readonly diagnosis?: string;
  /** What could not be undone afterwards; `tsbox gc` tries again. */
  readonly undoErrors: readonly Error[];
}

/** What the engine does when the command has ended: ask the drivers, tear down. */
export type Finish = (
  status: WaitStatus,
) => Promise<{ oomKilled: boolean; explanation?: string; diagnosis?: string; undoErrors: readonly Error[] }>;

export interface ContainerParts {
  readonly id: string;
  readonly name: string;
  readonly pid: number;
  readonly pidfd: number;
  readonly gate: Gate;
  readonly notice: ExitNotice;
  readonly stdio: Pick<ContainerStdio, 'stdin' | 'stdout' | 'stderr' | 'resize'>;
  readonly finish: Finish;
  readonly timeline?: LaunchTrace | undefined;
}

const SIGKILL = 9;

/** A running container. `await using` kills it and waits until nothing of it is left. */
export class Container {
  readonly id: string;
  readonly name: string;
  /** The command, in the pid namespace of this process. */
  readonly pid: number;
  /** In a launch with `trace`: what it did, and when. */
  readonly timeline: LaunchTrace | undefined;
  readonly #parts: ContainerParts;
  readonly #result = deferred<ContainerResult>();
  #running = true;
  #timedOut = false;

  constructor(parts: ContainerParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.name = parts.name;
    this.pid = parts.pid;
    this.timeline = parts.timeline;
    const start = process.hrtime.bigint();
    parts.notice.watch(parts.pidfd, (status) => void this.#ended(status, start));
  }

  /** In a launch with `trace`: every step and op with its duration. */
  get trace(): readonly PlanEntry[] {
    return this.timeline?.entries ?? [];
  }

  /** The command's input; undefined unless it was asked for as a pipe, or with a terminal. */
  get stdin(): NodeJS.WritableStream | undefined {
    return this.#parts.stdio.stdin;
  }

  /** The command's output, or the terminal. */
  get stdout(): NodeJS.ReadableStream | undefined {
    return this.#parts.stdio.stdout;
  }

  get stderr(): NodeJS.ReadableStream | undefined {
    return this.#parts.stdio.stderr;
  }

  /** Resolves when the command has ended and everything of it that was to go is gone. */
  wait(): Promise<ContainerResult> {
    return this.#result.promise;
  }

  /** Sends a signal to the command (pidfd_send_signal(2)). @returns false when it has ended. */
  kill(signal: number = SIGKILL): boolean {
    if (!this.#running) return false;
    this.#parts.gate.call('pidfd_send_signal', this.#parts.pidfd, signal, null, 0);
    return true;
  }

  /** Kills it because its time is over; the result then says so. */
  expire(): void {
    this.#timedOut = this.kill();
  }

  /** Sets the size of the terminal, in characters. */
  resize(columns: number, rows: number): void {
    this.#parts.stdio.resize(columns, rows);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.wait();
  }

  async #ended(status: WaitStatus, start: bigint): Promise<void> {
    this.#running = false;
    const durationMs = Number(process.hrtime.bigint() - start) / 1e6;
    closeSync(this.#parts.pidfd);
    // What the command has written by now comes before its end, for whoever listens.
    if (this.#parts.stdio.stdout) await new Promise((resolve) => setImmediate(resolve));
    const end = await this.#parts.finish(status).catch((error: Error) => ({ oomKilled: false, undoErrors: [error] }));
    const { exitCode, signal } = status;
    const shellStatus = exitCode ?? 128 + (signal ?? 0);
    this.#result.resolve({ exitCode, signal, status: shellStatus, timedOut: this.#timedOut, durationMs, ...end });
  }
}
