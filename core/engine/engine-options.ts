import type { JsonObject } from '../plugin/launch.js';
import type { PluginSource } from '../plugin/source.js';
import type { DriverKind, Spec } from '../plugin/spec.js';
import type { Support } from '../plugin/support.js';
import type { StatePaths } from '../plugin/tokens.js';
import type { LaunchTrace } from './launch-trace.js';
import type { StdioOptions } from './stdio.js';

export interface EngineOptions extends StatePaths {
  /** All plugins, in their order. */
  readonly plugins: readonly PluginSource[];
  /** Options of drivers, by driver name. */
  readonly driverOptions?: Readonly<Record<string, JsonObject>>;
  /** Options of plugins, by plugin name. */
  readonly pluginOptions?: Readonly<Record<string, JsonObject>>;
  /** Which file says an option, by `driverOptions.bridge.mtu`, for errors. */
  readonly optionPlaces?: Readonly<Record<string, string>>;
  /** How long a hook's handler may take, in milliseconds; default ten minutes. */
  readonly hookTimeout?: number;
  /** How a monitor starts tsbox again, absolute path first: restart policies and `--rm` of detached containers need it. */
  readonly command?: readonly string[];
  /** Something is not as asked, and goes on all the same. Default: nobody is told. */
  readonly onWarning?: (message: string) => void;
}

export interface TraceOptions {
  /** Keep the time of every step and op. */
  readonly trace?: boolean;
  /** The same, given to this function when the command runs or the launch has failed. */
  readonly onTrace?: (trace: LaunchTrace) => void;
}

/** As much of an AbortSignal as is looked at: to make one loads modules of Node's. */
export interface AbortRequest {
  readonly aborted: boolean;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: true }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface RunOptions extends TraceOptions {
  /** Default `pipe`. */
  readonly stdio?: StdioOptions;
  /** Kills the container. */
  readonly signal?: AbortRequest;
  /** Kills the container after so many milliseconds. */
  readonly timeout?: number;
  /**
   * For a caller with nothing else to do: how many milliseconds its thread may wait for the child in
   * one go before the event loop takes over. Default 0: it is never blocked.
   */
  readonly patienceMs?: number;
}

export interface WatchOptions extends TraceOptions {
  readonly patienceMs?: number;
  /** What comes after the end of the run waits until the caller says `ready`. */
  readonly hold?: boolean;
}

export interface StartAgainOptions extends WatchOptions {
  /** What of its spec is another from now on: the size of the terminal. */
  readonly spec?: Partial<Spec>;
  readonly restarts?: number;
  readonly quickRestarts?: number;
}

export interface DriverInfo {
  readonly kind: DriverKind;
  readonly name: string;
  readonly plugin: string;
  readonly support: Support;
}
