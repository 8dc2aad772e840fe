import type { TsboxConfig } from './schema.js';

/** Types for a config file: `export default defineConfig({ … })`. */
export function defineConfig(config: TsboxConfig): TsboxConfig {
  return config;
}
