import { type ConfigRequest, type LoadedConfig, loadConfig } from '../core/config/load-config.js';
import { Engine } from '../core/engine/index.js';
import { sourceOf } from '../core/plugin/source.js';
import type { StatePaths } from '../core/plugin/tokens.js';
import { statePaths } from '../core/state/paths.js';
import { builtins } from '../plugins/builtins.js';
import { refuseShadows } from './command-names.js';
import type { Globals } from './globals.js';
import { printError } from './output.js';

/** What every command works with: the config files, the state's place, and the engine made of both. */
export interface Session {
  readonly config: LoadedConfig;
  readonly paths: StatePaths;
  readonly engine: Engine;
}

/** @param config default: what the config files say */
export async function openSession(globals: Globals, config?: LoadedConfig): Promise<Session> {
  return sessionOf(globals, config ?? (await loadConfig(configRequest(globals))));
}

async function sessionOf(globals: Globals, config: LoadedConfig): Promise<Session> {
  const paths = statePaths({ ...config.paths, ...globals.paths }, process.geteuid?.() ?? 0, process.env);
  const plugins = [...builtins, ...config.plugins.map(({ definition, module }) => sourceOf(definition, module))];
  const onWarning = (message: string) => warn(message, globals);
  const { driverOptions, pluginOptions, optionPlaces } = config;
  const command = ownCommand(config.files[0]);
  const told = { driverOptions, pluginOptions, optionPlaces };
  const engine = new Engine({ ...paths, plugins, ...told, command, onWarning });
  await engine.plugins.check();
  refuseShadows(engine);
  return { config, paths, engine };
}

/** How a monitor starts us again: from `/`, where this configuration file would not be found. */
function ownCommand(configFile: string | undefined): string[] {
  const script = process.argv[1] as string;
  return [process.execPath, '--', script, ...(configFile === undefined ? [] : ['--config', configFile])];
}

/** Something is not as asked, and goes on all the same. */
export function warn(message: string, globals: Globals): void {
  if (!globals.quiet) printError(`tsbox: warning: ${message}\n`);
}

/** Which config files are ours to read. */
export function configRequest(globals: Globals): ConfigRequest {
  const caller = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  const { config: file } = globals;
  return { directory: process.cwd(), environment: process.env, caller, ...(file !== undefined && { file }) };
}
