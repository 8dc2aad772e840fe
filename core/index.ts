/** tsbox as a library. */
import { assembleEngine, type CreateOptions, type LibraryEngine } from './library/engine.js';
import { builtins } from '../plugins/builtins.js';

export { Box, type BoxResult } from './library/box.js';
export type { BoxOptions, CreateOptions, LibraryEngine } from './library/engine.js';
export type { ContainerResult, DriverInfo, GcReport, Plan, PlanEntry, StdioOption, StdioOptions } from './engine/index.js';
export { ERROR_CODES, type ErrorCode, TsboxError } from './plugin/error.js';

/** An engine with the built-in plugins and those that are given. Nothing happens before the first `run`. */
export async function createEngine(options: CreateOptions = {}): Promise<LibraryEngine> {
  return assembleEngine(options, builtins);
}
