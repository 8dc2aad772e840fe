import type { Gate } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import type { JsonObject } from './launch.js';
import type { OptionTable, OptionValues } from './options.js';
import type { Support } from './support.js';
import type { StatePaths } from './tokens.js';

/** What a plugin's command, and its section in `info`, can ask. */
export interface PluginContext<Options extends OptionTable = OptionTable> {
  readonly options: OptionValues<Options>;
  readonly paths: StatePaths;
  readonly host: Host;
  readonly gate: Gate;
}

export interface CommandContext<Options extends OptionTable = OptionTable> extends PluginContext<Options> {
  /** What follows the command's name, unread. */
  readonly args: readonly string[];
  readonly engine: CommandEngine;
  /** To stdout, as it is: with its line feeds. Data only. */
  print(text: string): void;
  /** To stderr, likewise. */
  printError(text: string): void;
}

/** A command of a plugin's own: `tsbox NAME …`. */
export interface PluginCommand<Options extends OptionTable = OptionTable> {
  /** One line for `tsbox --help`. */
  readonly summary: string;
  /** What follows the name: `[--since TIME] NAME`. */
  readonly usage?: string;
  /** @returns the exit status; nothing is 0. @throws TsboxError; any other error names the plugin */
  run(context: CommandContext<Options>): number | undefined | Promise<number | undefined>;
}

/** One key a line, in this order; a value that is no text is shown as JSON. */
export type PluginInfo<Options extends OptionTable = OptionTable> = (
  context: PluginContext<Options>,
) => JsonObject | Promise<JsonObject>;

/** The engine as a plugin's command has it: that of the library, with the defaults of the configuration. */
export interface CommandEngine {
  /** Every driver there is, and whether it works on this host. */
  drivers(): Promise<readonly { kind: string; name: string; plugin: string; support: Support }[]>;
  /** All containers, the newest first. */
  list(): Promise<readonly { readonly id: string; readonly name: string; readonly image: string }[]>;
  /** Starts a container; resolves when its command runs. Settings are those of `tsbox run`, in camelCase. */
  run(options: {
    readonly image: string;
    readonly command?: readonly string[];
    readonly [setting: string]: unknown;
  }): Promise<CommandBox>;
}

/** A container that was started by a plugin's command, and ends with it. */
export interface CommandBox {
  readonly id: string;
  readonly name: string;
  result(): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }>;
}
