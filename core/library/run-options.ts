import { durationInMilliseconds } from '../config/parse/duration.js';
import type { RunOptions } from '../engine/index.js';
import { TsboxError } from '../plugin/error.js';
import type { EnvironmentBoxOptions } from './options.js';

/** What of the options of a call is about the call, and not about the container. */
export function runOptions(options: EnvironmentBoxOptions): RunOptions {
  const { stdio = 'pipe', trace = false, onTrace, signal, timeout, patienceMs = 0 } = options;
  return {
    stdio,
    trace,
    patienceMs,
    ...(onTrace && { onTrace }),
    ...(signal && { signal }),
    ...(timeout !== undefined && { timeout: milliseconds(timeout) }),
  };
}

/** @throws TsboxError on what is no duration */
export function milliseconds(timeout: string | number): number {
  const value = typeof timeout === 'number' ? timeout : durationInMilliseconds(timeout);
  if (value !== undefined && value >= 0) return value;
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: `invalid value ${JSON.stringify(timeout)} for timeout`,
    why: 'it is not a duration',
    fix: "timeout: '10s'",
  });
}
