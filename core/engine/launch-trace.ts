import type { HookName } from '../plugin/plugin.js';
import type { PlanEntry } from './plan.js';

/**
 * What the engine is busy with, one after the other.
 *
 * | phase | what |
 * |---|---|
 * | `resolve` | drivers, image and command are chosen and checked; plugins are loaded |
 * | `prepare` | the hooks `prepareRootfs` and `preClone` |
 * | `record` | the hooks `childSetup` and `preExec`: the program is written |
 * | `spawn` | it is encoded, and the launcher started |
 * | `clone` | the launcher's own ops, until the child is at its barrier |
 * | `postClone` | the hook of that name |
 * | `execute` | the child's ops, until the engine knows that it is the command |
 * | `postStart` | the hook of that name |
 */
export type PhaseName = 'resolve' | 'prepare' | 'record' | 'spawn' | 'clone' | 'postClone' | 'execute' | 'postStart';

/** Times are nanoseconds since the launch began. */
export interface PhaseSpan {
  readonly name: PhaseName;
  readonly startNs: number;
  /** Undefined while it lasts. */
  durationNs?: number;
}

/** One plugin's handler of one hook. */
export interface HookSpan {
  readonly plugin: string;
  readonly hook: HookName;
  readonly startNs: number;
  readonly durationNs: number;
}

/** A launch with its times: what `--trace-format json` prints. */
export interface LaunchTrace {
  readonly format: 'tsbox-trace';
  readonly version: 1;
  readonly container: {
    readonly id: string;
    readonly name: string;
    readonly image: string;
    readonly command: readonly string[];
  };
  /** ISO 8601. */
  readonly startedAt: string;
  /** Until the command ran, or the launch had failed, as the engine saw it. */
  readonly durationNs: number;
  /** How far the times of `engine` may be shifted against those of `launcher` and `child`: these have another clock. */
  readonly clockErrorNs: number;
  readonly phases: readonly PhaseSpan[];
  readonly hooks: readonly HookSpan[];
  /** In the order of the plan. */
  readonly entries: readonly PlanEntry[];
}
