import type { Gate } from './gate.js';

const CLOCK_REALTIME = 0;
const SECOND = 1_000_000_000n;
const TRIES = 5;

/** What to add to a time of `process.hrtime` (CLOCK_MONOTONIC) to have it in CLOCK_REALTIME: clock_gettime(2). */
export interface ClockOffset {
  readonly offsetNs: bigint;
  /** How far from the truth it may be. */
  readonly errorNs: number;
}

/** Reads one clock between two looks at the other, a few times; the narrowest look counts. */
export function clockOffset(gate: Gate): ClockOffset {
  let best: ClockOffset | undefined;
  for (let i = 0; i < TRIES; i++) {
    const before = process.hrtime.bigint();
    const realtime = realtimeNow(gate);
    const after = process.hrtime.bigint();
    const errorNs = Number(after - before) / 2;
    if (!best || errorNs < best.errorNs) best = { offsetNs: realtime - (before + after) / 2n, errorNs };
  }
  return best as ClockOffset;
}

/** CLOCK_REALTIME. `performance.timeOrigin` would load modules of Node's that nothing else here needs. */
export function realtimeNow(gate: Gate): bigint {
  const timespec = Buffer.alloc(16);
  gate.call('clock_gettime', CLOCK_REALTIME, timespec);
  return timespec.readBigInt64LE(0) * SECOND + timespec.readBigInt64LE(8);
}
