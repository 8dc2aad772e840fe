import { closeSync, readSync, writeSync } from 'node:fs';
import type { ExitNotice } from '../kernel/exit-notice.js';
import type { Gate } from '../kernel/gate.js';
import { createMemfd } from '../kernel/memfd.js';
import { socketPair } from '../kernel/socket.js';
import { ControlChannel } from './control.js';
import type { EncodedProgram } from './encode.js';
import { HEADER } from './layout.js';
import type { Op } from './op.js';
import type { LauncherSource, StageOne } from './stage-one.js';

/** What the launcher left in the program's header. */
export interface ProgramState {
  /** The op that ran last, -1 before the first. */
  readonly current: number;
  readonly failed: Op | undefined;
  readonly errno: number;
  /** Pid of the container's first process, 0 before the clone. */
  readonly child: number;
  /** Pid of its monitor, 0 where it has none. */
  readonly watcher: number;
}

export interface SessionOptions {
  readonly gate: Gate;
  readonly launchers: LauncherSource;
  readonly program: EncodedProgram;
  readonly stdio: readonly [number, number, number];
  /** Descriptors 5 and up. */
  readonly extra: readonly number[];
  /** How long the calling thread may wait for the child in one go; default 0, which leaves it to the event loop. */
  readonly patienceMs?: number;
  /** Tells of the control socket's end; default: the event loop. */
  readonly notice?: ExitNotice;
}

/** Of one op of a traced program. */
export interface OpTiming {
  /** Nanoseconds after the launcher's first look at the clock. */
  readonly startNs: number;
  /** Undefined for the last op: an execve does not come back. */
  readonly durationNs?: number;
}

export interface ProgramTimings {
  /** When the launcher began: nanoseconds of CLOCK_REALTIME. */
  readonly began: bigint;
  /** By op; undefined for one that was not reached or was jumped over. */
  readonly ops: readonly (OpTiming | undefined)[];
}

/**
 * One running program: the launcher is started, stops at its barrier, is let go, and becomes the command.
 *
 * | engine | control socket | child |
 * |---|---|---|
 * | spawn | | stage one: ops of `launcher`, clone3, exit |
 * | `atBarrier` resolves | `B` < | at the barrier |
 * | postClone, `go()` | > `G` | goes on |
 * | `executed` resolves | end of file | exec closed it, or an op failed |
 *
 * End of file on the child's side means that the engine died; the child exits. A program without a
 * barrier runs through; then the engine has nothing to do while the child waits.
 */
export class ProgramSession {
  readonly #options: SessionOptions;
  readonly #memory: number;
  readonly #control: ControlChannel;
  readonly #stageOne: StageOne;
  #stageOneReaped = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { gate, launchers, program, stdio, extra } = options;
    const kept: number[] = [];
    let theirs: number | undefined;
    try {
      this.#memory = createMemfd(gate, 'tsbox-program', program.bytes);
      kept.push(this.#memory);
      const [ours, given] = socketPair(gate);
      theirs = given;
      kept.push(ours);
      this.#stageOne = launchers.start([...stdio, this.#memory, theirs, ...extra]);
      this.#control = new ControlChannel(gate, ours, options.patienceMs ?? 0, options.notice);
    } catch (error) {
      for (const fd of kept) closeSync(fd);
      throw error;
    } finally {
      if (theirs !== undefined) closeSync(theirs);
    }
  }

  /** True when the child waits at its barrier, false when it ended before. Stage one is reaped. */
  async atBarrier(): Promise<boolean> {
    const arrived = await this.#control.barrier();
    this.reapStageOne();
    return arrived;
  }

  /** Waits for stage one, which is exiting: it has cloned, and only then are the pids in the header. */
  reapStageOne(): void {
    if (this.#stageOneReaped) return;
    this.#stageOneReaped = true;
    this.#options.gate.wait({ pid: this.#stageOne.pid() }, true);
  }

  /** The same without waiting. @returns whether it has ended */
  tryReapStageOne(): boolean {
    if (!this.#stageOneReaped)
      this.#stageOneReaped = this.#options.gate.wait({ pid: this.#stageOne.pid() }, false) !== undefined;
    return this.#stageOneReaped;
  }

  /** Puts bytes into the program: the child shares its memory, and meets them after the barrier that it has not passed. */
  write(offset: number, bytes: Uint8Array): void {
    writeSync(this.#memory, bytes, 0, bytes.length, offset);
  }

  /** Lets the child go on, and sends the descriptors that it takes, one list per message. */
  go(messages: readonly (readonly number[])[] = []): void {
    this.#control.go(messages);
  }

  /** Resolves when the child has become the command, or has failed to. */
  executed(): Promise<void> {
    return this.#control.end();
  }

  state(): ProgramState {
    const header = this.#read(0, HEADER.size);
    const failed = header.readInt32LE(HEADER.failed);
    return {
      current: header.readInt32LE(HEADER.current),
      failed: failed < 0 ? undefined : this.#options.program.op(failed),
      errno: header.readInt32LE(HEADER.error),
      child: header.readInt32LE(HEADER.child),
      watcher: header.readInt32LE(HEADER.watcher),
    };
  }

  /** What each op returned: a result, or minus errno; 0 where it was not reached. */
  outcomes(): Int32Array {
    const { ops, outcomesOffset } = this.#options.program;
    const bytes = this.#read(outcomesOffset, ops.length * 4);
    return Int32Array.from(ops, (_, index) => bytes.readInt32LE(index * 4));
  }

  /**
   * When each op began, and how long it took: its time ends where the next one begins. The cycle counter
   * is calibrated by the clock at both ends of the program.
   */
  timings(): ProgramTimings {
    const { ops, timesOffset } = this.#options.program;
    const header = this.#read(0, HEADER.size);
    const u64 = (at: number) => header.readBigUInt64LE(at);
    const firstCycle = u64(HEADER.startCycles);
    const began = u64(HEADER.startNs);
    const [endNs, lastCycle] = [u64(HEADER.endNs), u64(HEADER.endCycles)];
    // Killed on the way: cycles alone are no time.
    if (endNs === 0n) return { began, ops: [] };
    const rate = Number(endNs - began) / Number(lastCycle - firstCycle);
    const bytes = this.#read(timesOffset, ops.length * 8);
    const timings: (OpTiming | undefined)[] = [];
    const hasFailed = header.readInt32LE(HEADER.failed) >= 0;
    let next = hasFailed ? Number(lastCycle - firstCycle) * rate : undefined;
    for (let index = ops.length - 1; index >= 0; index--) {
      const cycles = bytes.readBigUInt64LE(index * 8);
      if (cycles === 0n) continue;
      const startNs = Number(cycles - firstCycle) * rate;
      timings[index] = { startNs, ...(next !== undefined && { durationNs: next - startNs }) };
      next = startNs;
    }
    return { began, ops: timings };
  }

  /** Closes what the engine holds of it; a child that waits at its barrier ends. */
  close(): void {
    this.#control.close();
    this.reapStageOne();
    closeSync(this.#memory);
  }

  #read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    readSync(this.#memory, bytes, 0, length, offset);
    return bytes;
  }
}
