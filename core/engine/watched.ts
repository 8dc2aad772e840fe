import { closeSync } from 'node:fs';
import { identify, type ProcessIdentity } from '../state/process-identity.js';
import type { ContainerRecord } from '../state/record.js';
import { setTakenCareOf } from '../state/run-state.js';
import { type AfterEnd, afterEnd } from './after-end.js';
import type { LaunchTrace } from './launch-trace.js';
import type { Lifecycle } from './lifecycle.js';
import { tellCreated, tellStarted } from './lifecycle-events.js';
import { MonitorParts } from './monitor-parts.js';
import { pipeOwner } from './stdio.js';

/** A container that its monitor watches: nobody needs to wait for it. */
export interface WatchedContainer {
  readonly id: string;
  readonly name: string;
  /** The command, in the pid namespace of this process. */
  readonly pid: number;
  readonly monitor: ProcessIdentity;
  /** In a launch with `trace`: what it did, and when. */
  readonly timeline: LaunchTrace | undefined;
  /** With `hold`: what comes after the end of the run, such as its removal, may come now. */
  ready(): void;
}

export interface WatchedOptions {
  readonly patienceMs: number;
  readonly after: AfterEnd;
  /** The caller wants a look at it first, however short its run is, and calls `ready`. */
  readonly hold: boolean;
}

/**
 * Steps 5 to 7 with a monitor as the container's parent. From the barrier on what was acquired belongs to
 * that: whoever finds it dead takes it back. Until the command runs, somebody (we) takes care of the end.
 */
export async function startWatched(lifecycle: Lifecycle, options: WatchedOptions): Promise<WatchedContainer> {
  const { state } = lifecycle;
  const { id, name, journal, paths } = state;
  const parts = new MonitorParts(state, {
    owner: pipeOwner(state),
    memoryEvents: state.drivers.resources.driver.memoryEvents?.(lifecycle.view('engine', 'preClone')),
    after: afterEnd(state, options.after),
  });
  const child = lifecycle.spawn(parts, { patienceMs: options.patienceMs }, parts.config);
  await lifecycle.workDuringClone();
  if (await child.atBarrier()) {
    lifecycle.phase('postClone');
    await lifecycle.run('postClone');
    const monitor = child.monitor as ProcessIdentity;
    // First what finds the container, then who owns what it has; only then does anything of the user's run.
    lifecycle.remember();
    lifecycle.record('running', startOf(lifecycle, monitor, options.after));
    journal?.giveTo(monitor);
    lifecycle.letGo(child);
  }
  await lifecycle.executed(child);
  lifecycle.phase('postStart');
  await lifecycle.run('postStart');
  const timeline = await lifecycle.timeline();
  const { events } = lifecycle.services;
  if (!state.again) tellCreated(state, events);
  tellStarted(state, events);
  const monitor = child.monitor as ProcessIdentity;
  closeSync(child.release());
  journal?.abandon();
  // Last: where the command has ended meanwhile, its monitor has waited for this.
  setTakenCareOf(paths.container, false);
  if (!options.hold) parts.ready();
  return { id, name, pid: state.pid as number, monitor, timeline, ready: () => parts.ready() };
}

function startOf(
  { state }: Lifecycle,
  monitor: ProcessIdentity,
  { restarts, quickRestarts }: AfterEnd,
): Partial<ContainerRecord> {
  const started = new Date().toISOString();
  const process = identify(state.pid as number);
  return { monitored: true, process, owner: monitor, started, restarts, quickRestarts };
}
