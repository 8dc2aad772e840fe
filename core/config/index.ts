/** What the user wants: flags, environment and config files, merged, parsed and checked into a Spec. */
export { defineConfig } from './define-config.js';
export { environmentLayer, GLOBAL_KEYS, misspeltVariables } from './environment.js';
export { type ConfigRequest, type LoadedConfig, loadConfig } from './load-config.js';
export type { LoadedPlugin } from './load-plugin.js';
export { durationInMilliseconds } from './parse/duration.js';
export { sizeInBytes } from './parse/size.js';
export { resolveSpec, type SpecHost, type SpecRequest } from './resolve-spec.js';
export {
  longFlag,
  RUN_KEYS,
  RUN_OPTIONS,
  type RunKey,
  type RunOption,
  type RunSettings,
  runOption,
  variableName,
} from './run-options.js';
export type { TsboxConfig } from './schema.js';
export type { Layer } from './settings.js';
