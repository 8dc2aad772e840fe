/** Environments: what config files say under `environments`, resolved into services that can be started. */
export { type ExplainedValue, type Explanation, explainKey, readTarget } from './explain.js';
export { type EnvironmentSummary, listEnvironments } from './list.js';
export { resolveEnvironment, serviceOf } from './resolve.js';
export { showConfig, showEnvironment } from './show.js';
export type { EnvironmentRequest } from './source.js';
export { splitWords } from './split-words.js';
export type * from './types.js';
