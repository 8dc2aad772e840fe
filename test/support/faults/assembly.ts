import { Engine } from '../../../core/engine/index.js';
import type { JsonObject } from '../../../core/plugin/launch.js';
import type { PluginSource } from '../../../core/plugin/source.js';
import type { Places } from './left.js';

/** What engines are made of here: which plugins, with which options. */
export interface Assembly {
  /** All of them, the built-in ones too. */
  readonly plugins: readonly PluginSource[];
  /** By driver name. */
  readonly driverOptions?: Readonly<Record<string, JsonObject>>;
  /** By plugin name. */
  readonly pluginOptions?: Readonly<Record<string, JsonObject>>;
  /** For tsbox commands, which load the plugins themselves: flags before the command. */
  readonly flags?: readonly string[];
}

/** An engine of them, with its state in those places. */
export function engineOf({ plugins, driverOptions, pluginOptions }: Assembly, places: Places): Engine {
  const options = { ...(driverOptions && { driverOptions }), ...(pluginOptions && { pluginOptions }) };
  return new Engine({ ...places, plugins, ...options });
}
