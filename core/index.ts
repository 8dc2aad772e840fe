/** tsbox as a library. */

import { builtins } from '../plugins/builtins.js';
import { assembleEngine, type CreateOptions, type LibraryEngine } from './library/engine.js';

export { defineConfig } from './config/define-config.js';
export type { RunSettings } from './config/run-options.js';
export type { TsboxConfig } from './config/schema.js';
export type { Attachment, AttachOptions } from './containers/attach.js';
export type { ContainerSummary } from './containers/summary.js';
export type {
  ContainerDied,
  ContainerIdentity,
  ContainerResult,
  ContainerStarted,
  DriverInfo,
  EntryMessage,
  GcReport,
  HookMessage,
  HookSpan,
  LaunchFailed,
  LaunchKind,
  LaunchMessage,
  LaunchTrace,
  LifecycleEvents,
  PhaseName,
  PhaseSpan,
  Plan,
  PlanEntry,
  StdioOption,
  StdioOptions,
} from './engine/index.js';
export type { ResolvedEnvironment } from './environments/types.js';
export { Box, type BoxEvents, type BoxResult } from './library/box.js';
export { ContainerHandle } from './library/container-handle.js';
export type { BoxOptions, CreateOptions, DetachedOptions, LibraryEngine } from './library/engine.js';
export type { BoxExecOptions } from './library/exec.js';
export { loadCompose, loadEnvironment } from './library/load-environment.js';
export type { EnvironmentOptions, RunningEnvironment } from './library/running-environment.js';
export { ERROR_CODES, type ErrorCode, TsboxError } from './plugin/error.js';

/** An engine with the built-in plugins and those that are given. Nothing is done before the first `run`. @throws TsboxError */
export async function createEngine(options: CreateOptions = {}): Promise<LibraryEngine> {
  return assembleEngine(options, builtins);
}
