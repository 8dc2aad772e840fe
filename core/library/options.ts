import type { SecretConfig } from '../config/environment-schema.js';
import type { LoadedConfig } from '../config/load-config.js';
import type { RunSettings } from '../config/run-options.js';
import type { LaunchTrace, StdioOptions } from '../engine/index.js';
import type { JsonObject } from '../plugin/launch.js';
import type { PluginDefinition } from '../plugin/plugin.js';

/** Defaults for every container of the engine, and where it keeps its state. */
export interface CreateOptions extends RunSettings {
  /** What config files say: paths, plugins, options, and defaults of `run` which are farther than those here. */
  readonly config?: LoadedConfig;
  readonly root?: string;
  readonly runroot?: string;
  /** Plugins beside the built-in ones, after them in every hook. */
  readonly plugins?: readonly PluginDefinition[];
  /** Options of plugins, by the name of the plugin. */
  readonly pluginOptions?: Readonly<Record<string, JsonObject>>;
  /** Options of drivers, by the name of the driver: nearer than those of its plugin. */
  readonly driverOptions?: Readonly<Record<string, JsonObject>>;
  readonly hookTimeout?: number;
  readonly onWarning?: (message: string) => void;
}

/** One container, with the names and value forms of the command line: `memory: '256m'`. */
export interface BoxOptions extends Omit<RunSettings, 'timeout' | 'trace'> {
  readonly image: string;
  readonly command?: readonly string[];
  /** Files that the container may read, by name: `{ token: './token.txt' }`. */
  readonly secrets?: Secrets;
  /** Default `pipe`: the streams are in `stdin`, `stdout`, `stderr`. */
  readonly stdio?: StdioOptions;
  readonly trace?: boolean;
  /** Gets the trace when the command runs, or when the launch has failed. */
  readonly onTrace?: (trace: LaunchTrace) => void;
  /** Kills the container. */
  readonly signal?: AbortSignal;
  /** Kills the container when it is over: `10s`, or milliseconds. */
  readonly timeout?: string | number;
  /**
   * For a program with nothing else to do: how many milliseconds the thread may wait for the child in
   * one go, before the event loop takes over. Default 0: it is never blocked.
   */
  readonly patienceMs?: number;
}

/** A container that goes on without this program; it is kept when it ends, unless `rm: true`. */
export interface DetachedOptions extends RunSettings {
  readonly image: string;
  readonly command?: readonly string[];
  readonly secrets?: Secrets;
}

/** By name, the file on the host, or all there is to say of it. */
export type Secrets = Readonly<Record<string, string | SecretConfig>>;

/** Like {@link BoxOptions}; what is left out is that of the environment. */
export type EnvironmentBoxOptions = Partial<BoxOptions>;
export type EnvironmentDetachedOptions = Partial<DetachedOptions>;
