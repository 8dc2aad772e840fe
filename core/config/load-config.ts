import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { TsboxError } from '../plugin/error.js';
import type { JsonObject } from '../plugin/launch.js';
import type { StatePaths } from '../plugin/tokens.js';
import { findProjectConfig, findUserConfig } from './find-config.js';
import type { LoadedPlugin } from './load-plugin.js';
import type { ConfigFile } from './read-config.js';
import type { RunSettings } from './run-options.js';
import type { Layer } from './settings.js';
import type { Caller } from './trust.js';

/** What the config files say, together. */
export interface LoadedConfig {
  /** Paths of the files, the project's first. */
  readonly files: readonly string[];
  /** The same files with what they say. */
  readonly sources: readonly ConfigFile[];
  /** Defaults for `run`, the project's first. */
  readonly layers: readonly Layer[];
  readonly plugins: readonly LoadedPlugin[];
  /** By driver name. */
  readonly driverOptions: Readonly<Record<string, JsonObject>>;
  /** By plugin name. */
  readonly pluginOptions: Readonly<Record<string, JsonObject>>;
  /** The file of each option, by `driverOptions.bridge.mtu`. */
  readonly optionPlaces: Readonly<Record<string, string>>;
  /** Where state is kept, absolute; only what a file says. */
  readonly paths: Partial<StatePaths>;
}

export interface ConfigRequest {
  /** Where the search for the project's file starts. */
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly caller: Caller;
  /** Stands in for the search for the project's file. */
  readonly file?: string;
  /** The plugins that the files name are not loaded: for who only asks where state is kept. */
  readonly withoutPlugins?: boolean;
}

const NOTHING: LoadedConfig = {
  files: [],
  sources: [],
  layers: [],
  plugins: [],
  driverOptions: {},
  pluginOptions: {},
  optionPlaces: {},
  paths: {},
};

/** Finds, reads and checks the project's and the user's config file. @throws TsboxError */
export async function loadConfig(request: ConfigRequest): Promise<LoadedConfig> {
  const { directory, environment, caller } = request;
  const project = request.file === undefined ? findProjectConfig(directory) : namedFile(request.file, directory);
  const user = findUserConfig(environment);
  const paths = [...new Set([project, user])].filter((path) => path !== undefined);
  if (paths.length === 0) return NOTHING;
  const { readConfig } = await import('./read-config.js');
  const files = await Promise.all(paths.map((path) => readConfig(path, caller)));
  return { files: paths, sources: files, layers: files.map(toLayer), ...(await together(files, request)) };
}

function namedFile(file: string, directory: string): string {
  const path = resolve(directory, file);
  if (existsSync(path)) return path;
  throw new TsboxError('ERR_TSBOX_CONFIG', {
    what: `cannot read the config file ${path}`,
    why: 'there is no such file',
    fix: 'correct --config (or TSBOX_CONFIG)',
  });
}

/** The drivers that a file selects are defaults for `run` too; what it says in `run` is nearer. */
function toLayer({ file, directory, config }: ConfigFile): Layer {
  const { storage, network, resources, userns, security } = config;
  const chosen = Object.entries({ storage, network, resources, userns, security }).filter(
    ([, name]) => name !== undefined,
  );
  const values: RunSettings = { ...Object.fromEntries(chosen), ...config.run };
  return { kind: 'file', file, directory, values };
}

async function together(files: readonly ConfigFile[], { caller, withoutPlugins }: ConfigRequest) {
  const optionPlaces: Record<string, string> = {};
  const driverOptions = optionsOf(files, 'driverOptions', optionPlaces);
  const pluginOptions = optionsOf(files, 'pluginOptions', optionPlaces);
  const paths = { ...statePath(files, 'root'), ...statePath(files, 'runroot') };
  const plugins = withoutPlugins ? [] : await allPlugins(files, caller);
  return { plugins, driverOptions, pluginOptions, optionPlaces, paths };
}

/** Option by option, the project's win. @param places takes the file of each */
function optionsOf(
  files: readonly ConfigFile[],
  key: 'driverOptions' | 'pluginOptions',
  places: Record<string, string>,
): Record<string, JsonObject> {
  const together: Record<string, JsonObject> = {};
  for (const { file, config } of files.toReversed()) {
    for (const [name, options] of Object.entries(config[key] ?? {})) {
      together[name] = { ...together[name], ...options };
      for (const option of Object.keys(options)) places[`${key}.${name}.${option}`] = file;
    }
  }
  return together;
}

function statePath(files: readonly ConfigFile[], key: keyof StatePaths): Partial<StatePaths> {
  const nearest = files.find(({ config }) => config[key] !== undefined);
  return nearest ? { [key]: resolve(nearest.directory, nearest.config[key] as string) } : {};
}

async function allPlugins(files: readonly ConfigFile[], caller: Caller): Promise<LoadedPlugin[]> {
  if (!files.some(({ config }) => config.plugins?.length)) return [];
  const { inlinePlugin, loadPlugin } = await import('./load-plugin.js');
  const loaded = new Map<string, LoadedPlugin>();
  // The user's first, so that the project's hooks come after them.
  for (const { file, config } of files.toReversed()) {
    for (const entry of config.plugins ?? []) {
      const plugin = typeof entry === 'string' ? await loadPlugin(entry, file, caller) : inlinePlugin(entry, file);
      loaded.set(plugin.module, plugin);
    }
  }
  return [...loaded.values()];
}
