/** tsbox as a library. */

import { builtins } from '../plugins/builtins.js';
import { assembleEngine, type LibraryEngine } from './library/engine.js';
import type { CreateOptions } from './library/options.js';

export { defineConfig } from './config/define-config.js';
export type { EnvironmentConfig, ServiceConfig } from './config/environment-schema.js';
export type { LoadedConfig } from './config/load-config.js';
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
export type { ResolvedEnvironment, ResolvedService } from './environments/types.js';
export { Box, type BoxEvents, type BoxResult } from './library/box.js';
export { ContainerHandle } from './library/container-handle.js';
export type { LibraryEngine } from './library/engine.js';
export { LibraryEnvironment } from './library/environment.js';
export type { BoxExecOptions } from './library/exec.js';
export { type LoadConfigOptions, loadConfig } from './library/load-config.js';
export { loadCompose, loadEnvironment } from './library/load-environment.js';
export type {
  BoxOptions,
  CreateOptions,
  DetachedOptions,
  EnvironmentBoxOptions,
  EnvironmentDetachedOptions,
  Secrets,
} from './library/options.js';
export type { EnvironmentOptions, RunningEnvironment } from './library/running-environment.js';
export { ERROR_CODES, type ErrorCode, TsboxError } from './plugin/error.js';

/** An engine with the built-in plugins and those that are given. Nothing is done before the first `run`. @throws TsboxError */
export async function createEngine(options: CreateOptions = {}): Promise<LibraryEngine> {
  return assembleEngine(options, builtins);
}
