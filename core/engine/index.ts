/** The core lifecycle: resolves a spec, runs the hooks in order, clones, waits, undoes. */

export type { PluginSource } from '../plugin/source.js';
export { Container, type ContainerResult } from './container.js';
export { type DriverInfo, Engine, type EngineOptions, type Plan, type PlanEntry, type RunOptions } from './engine.js';
export type { GcReport } from './gc.js';
export type { StdioOption, StdioOptions } from './stdio.js';
