import { loadConfig } from '../core/config/load-config.js';
import type { StatePaths } from '../core/plugin/tokens.js';
import { statePaths } from '../core/state/paths.js';
import { configRequest } from './engine.js';
import type { Globals } from './globals.js';

/** Where state is kept, for a command that needs no engine. */
export async function givenPaths(globals: Globals): Promise<StatePaths> {
  const config = await loadConfig(configRequest(globals));
  return statePaths({ ...config.paths, ...globals.paths }, process.geteuid?.() ?? 0, process.env);
}
