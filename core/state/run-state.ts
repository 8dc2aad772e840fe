import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';

/**
 * What a monitor (monitor.c, which has the same layout) says about the run that it watches:
 * `<root>/containers/<id>/state`. Written whole before the run, then only overwritten in place, so that
 * a full disk cannot keep the end of a container from being recorded. Little-endian.
 */
export const RUN_STATE = {
  magic: 0,
  /** u32, {@link PHASES}; written last, by the monitor. */
  phase: 8,
  /** u32, {@link RUN_FLAGS}; written by everybody else. */
  flags: 12,
  /** s32, as wait4(2) gives it. */
  waitStatus: 16,
  /** u32: 1 when the monitor killed it because its time was over. */
  timedOut: 20,
  /** u64: CLOCK_REALTIME in nanoseconds. */
  endedAt: 24,
  /** u64: bytes of output that could not be written to the log. */
  dropped: 32,
  /** u32: length of the text that follows. */
  memoryEventsLength: 40,
  /** The text of the container's memory.events or memory.oom_control when it ended. */
  memoryEvents: 64,
  size: 512,
} as const;

/** "tsboxst1" */
const MAGIC = 0x3174_7378_6f62_7374n;

/** `waiting`: for the delay of a restart policy. */
export const PHASES = ['running', 'ended', 'waiting'] as const;
export type RunPhase = (typeof PHASES)[number];

export const RUN_FLAGS = {
  /** Somebody takes care of what comes after the end: the monitor just leaves. */
  takenCareOf: 1,
} as const;

export interface RunState {
  readonly phase: RunPhase;
  readonly exitCode: number | null;
  readonly signal: number | null;
  readonly timedOut: boolean;
  /** Milliseconds since 1970; 0 while it runs. */
  readonly endedAt: number;
  readonly dropped: number;
  readonly memoryEvents: string;
}

const FILE = 'state';

/** A list reads thousands of them. */
const scratch = Buffer.alloc(RUN_STATE.size);

/** Makes the state of a new run, in which somebody takes care. @returns a descriptor for the monitor to write to */
export function createRunState(directory: string): number {
  const bytes = Buffer.alloc(RUN_STATE.size);
  bytes.writeBigUInt64LE(MAGIC, RUN_STATE.magic);
  bytes.writeUInt32LE(RUN_FLAGS.takenCareOf, RUN_STATE.flags);
  // A new file: whoever waits for the last run has that of the last run open.
  const temporary = join(directory, `.${FILE}.${process.pid}`);
  const fd = openSync(temporary, 'w+', 0o600);
  try {
    if (writeSync(fd, bytes, 0, bytes.length, 0) !== bytes.length) throw noSpace(temporary);
    // Its blocks are there from now on.
    fsyncSync(fd);
    renameSync(temporary, join(directory, FILE));
    return fd;
  } catch (error) {
    closeSync(fd);
    rmSync(temporary, { force: true });
    throw error;
  }
}

function noSpace(path: string): Error {
  return Object.assign(new Error(`ENOSPC: no space left on device, write '${path}'`), { code: 'ENOSPC', path });
}

/** The state of the present run, which can be read when the container has been removed, and after the next start. */
export class RunStateWatch {
  readonly #fd: number | undefined;

  constructor(directory: string) {
    this.#fd = openIfThere(directory, 'r');
  }

  /** Undefined where there is none. */
  read(): RunState | undefined {
    return this.#fd === undefined ? undefined : readFrom(this.#fd);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}

/** What the monitor said; undefined where there is no such file, or none that is whole. */
export function readRunState(directory: string): RunState | undefined {
  return withState(directory, 'r', readFrom);
}

function readFrom(fd: number): RunState | undefined {
  if (readSync(fd, scratch, 0, scratch.length, 0) !== scratch.length) return undefined;
  return scratch.readBigUInt64LE(RUN_STATE.magic) === MAGIC ? decode(scratch) : undefined;
}

/** Says whether somebody takes care of what comes after the end of the run. */
export function setTakenCareOf(directory: string, taken: boolean): void {
  withState(directory, 'r+', (fd) => {
    const flags = Buffer.alloc(4);
    flags.writeUInt32LE(taken ? RUN_FLAGS.takenCareOf : 0);
    writeSync(fd, flags, 0, 4, RUN_STATE.flags);
  });
}

function decode(bytes: Buffer): RunState {
  const status = bytes.readInt32LE(RUN_STATE.waitStatus);
  const signal = status & 0x7f;
  const phase = PHASES[bytes.readUInt32LE(RUN_STATE.phase)] ?? 'running';
  const length = Math.min(bytes.readUInt32LE(RUN_STATE.memoryEventsLength), RUN_STATE.size - RUN_STATE.memoryEvents);
  const ended = phase !== 'running';
  return {
    phase,
    exitCode: ended && signal === 0 ? (status >> 8) & 0xff : null,
    signal: ended && signal !== 0 ? signal : null,
    timedOut: bytes.readUInt32LE(RUN_STATE.timedOut) === 1,
    endedAt: Number(bytes.readBigUInt64LE(RUN_STATE.endedAt) / 1_000_000n),
    dropped: Number(bytes.readBigUInt64LE(RUN_STATE.dropped)),
    memoryEvents: bytes.toString('latin1', RUN_STATE.memoryEvents, RUN_STATE.memoryEvents + length),
  };
}

function withState<Result>(directory: string, flags: 'r' | 'r+', use: (fd: number) => Result): Result | undefined {
  const fd = openIfThere(directory, flags);
  if (fd === undefined) return undefined;
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

function openIfThere(directory: string, flags: 'r' | 'r+'): number | undefined {
  try {
    return openSync(`${directory}/${FILE}`, flags);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}
