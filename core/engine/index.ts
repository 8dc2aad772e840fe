/** The core lifecycle: resolves a spec, runs the hooks in order, clones, waits, undoes. */

export type { PluginSource } from '../plugin/source.js';
export { STEADY_MS } from './after-end.js';
export { Container, type ContainerResult } from './container.js';
export { Engine } from './engine.js';
export type { AbortRequest, DriverInfo, EngineOptions, RunOptions, StartAgainOptions } from './engine-options.js';
export type { ExecOptions } from './exec.js';
export type { ExecSpec } from './exec-launch.js';
export type { GcReport } from './gc.js';
export type { HookSpan, LaunchTrace, PhaseName, PhaseSpan } from './launch-trace.js';
export type {
  ContainerDied,
  ContainerIdentity,
  ContainerStarted,
  LaunchFailed,
  LifecycleEvents,
} from './lifecycle-events.js';
export type { EntryMessage, HookMessage, LaunchKind, LaunchMessage } from './observer.js';
export type { Plan, PlanEntry } from './plan.js';
export type { CommandRequest, PluginCommandInfo, PluginSection } from './plugins.js';
export type { StdioOption, StdioOptions } from './stdio.js';
export type { WatchedContainer, WatchedOptions } from './watched.js';
