import { clockOffset } from '../kernel/clock.js';
import { errnoName } from '../kernel/errno.js';
import type { Op } from '../program/op.js';
import type { Child } from './child.js';
import type { LaunchState } from './launch-state.js';
import type { LaunchTrace } from './launch-trace.js';
import type { LaunchObserver } from './observer.js';
import { listing, type OpTrace } from './plan.js';

/**
 * All steps and ops with their times. The ops' are the launcher's, by another clock than ours, which is
 * looked at now.
 * @param child undefined where the launch had not come so far
 */
export function timelineOf(
  state: LaunchState,
  observer: LaunchObserver,
  ops: readonly Op[],
  child: Child | undefined,
): LaunchTrace {
  if (observer.timeline) return observer.timeline;
  const { id, name, gate, spec, command } = state;
  const { offsetNs, errorNs } = clockOffset(gate);
  const traces = child?.isOpen ? opTraces(child, observer.began + offsetNs) : [];
  const entries = listing(state.steps, ops, traces);
  return observer.finish({ id, name, image: spec.image, command: command.argv }, entries, errorNs);
}

/** @param began the launch's beginning by the clock of the launcher */
function opTraces(child: Child, began: bigint): (OpTrace | undefined)[] {
  const timings = child.timings();
  const outcomes = child.outcomes();
  const shift = Number(timings.began - began);
  return timings.ops.map((timing, index) => {
    const outcome = outcomes[index] as number;
    return (
      timing && {
        ...timing,
        startNs: Math.round(timing.startNs + shift),
        ...(timing.durationNs !== undefined && { durationNs: Math.round(timing.durationNs) }),
        ...(isErrno(outcome) && { error: errnoName(-outcome) }),
      }
    );
  });
}

function isErrno(outcome: number): boolean {
  return outcome < 0 && outcome > -4096;
}
