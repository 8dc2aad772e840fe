import { loadConfig } from '../core/config/load-config.js';
import type { StatePaths } from '../core/plugin/tokens.js';
import { statePaths } from '../core/state/paths.js';
import type { Globals } from './globals.js';

/** Where state is kept, as flags, environment and config files say; for commands that only read it, and need no engine. */
export async function readStatePaths({ paths, config: file }: Globals): Promise<StatePaths> {
  const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  const { env: environment } = process;
  const request = { directory: process.cwd(), environment, caller: { uid, gid }, withoutPlugins: true };
  const config = await loadConfig({ ...request, ...(file !== undefined && { file }) });
  return statePaths({ ...config.paths, ...paths }, uid, environment);
}
