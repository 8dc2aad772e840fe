/** Environments: what config files say under `environments`, resolved into services that can be started. */
export { type EnvironmentSummary, listEnvironments } from './list.js';
export { resolveEnvironment, serviceOf } from './resolve.js';
export type { EnvironmentRequest } from './source.js';
export { splitWords } from './split-words.js';
export type * from './types.js';
