import { closeSync, readSync } from 'node:fs';
import type { ExitNotice } from '../kernel/exit-notice.js';
import type { Gate, WaitStatus } from '../kernel/gate.js';
import { createMemfd } from '../kernel/memfd.js';
import { duplicateHigh } from '../kernel/socket.js';
import type { EncodedProgram } from '../program/encode.js';
import { HEADER } from '../program/layout.js';
import type { Op } from '../program/op.js';
import type { AbortRequest } from './engine-options.js';
import { REPORT } from './exec-ops.js';

export interface EntrySessionOptions {
  readonly gate: Gate;
  readonly notice: ExitNotice;
  /** Descriptor of the sealed launcher. */
  readonly launcher: number;
  readonly program: EncodedProgram;
  readonly childFds: readonly [number, number, number];
  /** A pidfd of the container's first process. */
  readonly target: number;
  /** A directory of the v2 hierarchy to be born into. */
  readonly cgroup: number | undefined;
  /** Files into which "0" is written. */
  readonly files: readonly number[];
}

const SIGKILL = 9;

/**
 * One program that enters a container.
 *
 * | process | where | who has its pid |
 * |---|---|---|
 * | stage one | outside | posix_spawn(3) |
 * | entrant: born into the v2 cgroup by stage one, which ends; or stage one itself | enters, drops all rights | the report |
 * | command | cloned inside; the entrant waits for its exec, and ends | the report |
 *
 * From the last clone on whoever may trace the command's process can change what is in the program: from it
 * come only numbers that are checked, and they decide about nothing but words. The pids are in the report,
 * a page that the command's process does not have, and are those of children of ours.
 */
export class EntrySession {
  readonly #options: EntrySessionOptions;
  readonly #memory: number;
  readonly #report: number;
  readonly #entrant: number;
  #left: WaitStatus | undefined;

  constructor(options: EntrySessionOptions) {
    this.#options = options;
    const { gate, program } = options;
    this.#memory = createMemfd(gate, 'tsbox-program', program.bytes);
    this.#report = createMemfd(gate, 'tsbox-report', new Uint8Array(REPORT.size));
    try {
      this.#entrant = this.#start();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Waits until the command has been executed, or will not be. @returns how the entrant ended */
  async entered(signal?: AbortRequest): Promise<WaitStatus> {
    if (this.#left) return this.#left;
    const { gate, notice } = this.#options;
    const pidfd = gate.call('pidfd_open', this.#entrant, 0);
    const abort = () => this.#abort(pidfd);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    this.#left = await new Promise<WaitStatus>((resolve) => notice.watch(pidfd, resolve));
    signal?.removeEventListener('abort', abort);
    closeSync(pidfd);
    return this.#left;
  }

  /** The command, a child of ours unless it is detached; 0 where it was not cloned. */
  get command(): number {
    return this.#reported(REPORT.command);
  }

  /** What the launcher noted: numbers that a process in the container may have made up. */
  state(): { current: number; failed: Op | undefined; errno: number } {
    const header = this.#read(this.#memory, 0, HEADER.size);
    const { ops } = this.#options.program;
    return {
      current: header.readInt32LE(HEADER.current),
      failed: ops[header.readInt32LE(HEADER.failed)],
      errno: header.readInt32LE(HEADER.error),
    };
  }

  /** What each op returned, as {@link state} notes it. */
  outcomes(): Int32Array {
    const { ops, outcomesOffset } = this.#options.program;
    const bytes = this.#read(this.#memory, outcomesOffset, ops.length * 4);
    return Int32Array.from(ops, (_, index) => bytes.readInt32LE(index * 4));
  }

  close(): void {
    closeSync(this.#memory);
    closeSync(this.#report);
  }

  /** @returns the pid of the entrant */
  #start(): number {
    const { gate, launcher, childFds, target, cgroup, files } = this.#options;
    const wanted = [...childFds, this.#memory, this.#report, target, cgroup ?? null, ...files];
    const fds = wanted.map((fd) => (fd === null ? null : duplicateHigh(gate, fd)));
    let stageOne: number;
    try {
      stageOne = gate.spawn({ path: `/proc/self/fd/${launcher}`, argv: ['tsbox'], env: [], fds });
    } finally {
      for (const fd of fds) if (fd !== null) closeSync(fd);
    }
    if (cgroup === undefined) return stageOne;
    // It clones, and ends: it is in no cgroup of the container, and nothing there can keep it from that.
    const status = gate.wait({ pid: stageOne }, true) as WaitStatus;
    const entrant = this.#reported(REPORT.entrant);
    if (entrant === 0) this.#left = status;
    return entrant;
  }

  /** A command that is held up before its exec is ended first, since the entrant waits for it. */
  #abort(entrant: number): void {
    const { gate } = this.#options;
    const { command } = this;
    if (command > 0) gate.attempt('kill', command, SIGKILL);
    else gate.attempt('pidfd_send_signal', entrant, SIGKILL, null, 0);
  }

  #reported(offset: number): number {
    return this.#read(this.#report, offset, 4).readInt32LE(0);
  }

  #read(fd: number, offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    readSync(fd, bytes, 0, length, offset);
    return bytes;
  }
}
