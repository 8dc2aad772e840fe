import { type ConfigRequest, type LoadedConfig, loadConfig } from '../core/config/load-config.js';
import { Engine, type PluginSource } from '../core/engine/index.js';
import type { DriverKind } from '../core/plugin/spec.js';
import type { StatePaths } from '../core/plugin/tokens.js';
import { statePaths } from '../core/state/paths.js';
import { builtins } from '../plugins/builtins.js';
import type { Globals } from './globals.js';
import { printError } from './output.js';

/** What every command works with: the config files, the state's place, and the engine made of both. */
export interface Session {
  readonly config: LoadedConfig;
  readonly paths: StatePaths;
  readonly engine: Engine;
}

export async function openSession(globals: Globals): Promise<Session> {
  const config = await loadConfig(configRequest(globals));
  const paths = statePaths({ ...config.paths, ...globals.paths }, process.geteuid?.() ?? 0, process.env);
  const plugins = [...builtins, ...config.plugins.map(pluginSource)];
  const onWarning = (message: string) => warn(message, globals);
  return { config, paths, engine: new Engine({ ...paths, plugins, driverOptions: config.driverOptions, onWarning }) };
}

/** Something is not as asked, and goes on all the same. */
export function warn(message: string, globals: Globals): void {
  if (!globals.quiet) printError(`tsbox: warning: ${message}\n`);
}

function configRequest(globals: Globals): ConfigRequest {
  const caller = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  const { config: file } = globals;
  return { directory: process.cwd(), environment: process.env, caller, ...(file !== undefined && { file }) };
}

/** A plugin of a config file, in the form in which the engine knows those that are built in. */
function pluginSource({ definition, module }: LoadedConfig['plugins'][number]): PluginSource {
  const kinds = Object.entries(definition.drivers ?? {}) as [DriverKind, object][];
  const drivers = Object.fromEntries(kinds.map(([kind, named]) => [kind, Object.keys(named)]));
  return { name: definition.name, module, load: async () => definition, ...(definition.drivers && { drivers }) };
}
