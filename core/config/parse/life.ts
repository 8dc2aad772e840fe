import { signalNumber } from '../../kernel/signals.js';
import type { RestartSpec } from '../../plugin/spec.js';
import { badValue, type Found } from '../place.js';
import { durationInMilliseconds } from './duration.js';
import { digits } from './number.js';

const POLICIES: readonly RestartSpec['policy'][] = ['no', 'on-failure', 'always', 'unless-stopped'];

/** `no`, `on-failure[:n]`, `always`, `unless-stopped`. */
export function parseRestart(found: Found<string>): RestartSpec {
  const [name, count, ...more] = found.value.split(':');
  const policy = POLICIES.find((candidate) => candidate === name);
  if (!policy || more.length > 0) throw badValue(found, `it is none of ${POLICIES.join(', ')}`);
  if (count === undefined) return { policy };
  const maximum = digits(count);
  if (policy !== 'on-failure') throw badValue(found, 'only on-failure takes a number');
  if (maximum === undefined) throw badValue(found, `${JSON.stringify(count)} is not a number of attempts`);
  return maximum === 0 ? { policy } : { policy, maximum };
}

/** Name or number of a signal. */
export function parseSignal(found: Found<string>): number {
  const signal = signalNumber(found.value);
  if (signal === undefined) throw badValue(found, 'there is no such signal');
  return signal;
}

/** Seconds, or a duration with a unit; in milliseconds. */
export function parseSeconds(found: Found<string>): number {
  const seconds = digits(found.value);
  const milliseconds = seconds === undefined ? durationInMilliseconds(found.value) : seconds * 1000;
  if (milliseconds === undefined) throw badValue(found, 'it is neither a number of seconds nor a duration like 1m30s');
  return Math.round(milliseconds);
}

/** A duration that is more than nothing, in milliseconds; a bare number is seconds. */
export function parseTimeout(found: Found<string>): number {
  const milliseconds = parseSeconds(found);
  if (milliseconds === 0) throw badValue(found, 'a container needs some time; without the limit, leave it out');
  return milliseconds;
}
