import { TsboxError } from '../plugin/error.js';
import type { JsonObject } from '../plugin/launch.js';
import { nearest } from '../plugin/nearest.js';
import { defaultOptions } from '../plugin/options.js';
import type { PluginDefinition } from '../plugin/plugin.js';
import type { PluginSource } from '../plugin/source.js';

type ByName = Readonly<Record<string, JsonObject>>;

/** What the configuration says to plugins and drivers, and where it says so. */
export class GivenOptions {
  constructor(
    readonly plugins: ByName = {},
    readonly drivers: ByName = {},
    /** Paths of files, by `driverOptions.bridge.mtu`; what is not there came from a program. */
    readonly places: Readonly<Record<string, string>> = {},
  ) {}

  /** Whether anything is said to a plugin or to one of its drivers. */
  concerns(source: PluginSource): boolean {
    return source.name in this.plugins || driverNames(source).some((name) => name in this.drivers);
  }

  /** The plugin's own: defaults, then what is given to it. */
  ofPlugin({ name, options = {} }: PluginDefinition): JsonObject {
    return { ...defaultOptions(options), ...this.plugins[name] };
  }

  /** Those of one of its drivers. @throws TsboxError where one is missing */
  ofDriver(definition: PluginDefinition, driver: string): JsonObject {
    const values = { ...this.ofPlugin(definition), ...this.drivers[driver] };
    refuseMissing(definition, values, `driverOptions.${driver}`);
    return values;
  }

  /** Checks what is given to a plugin, before anything is done with it. @throws TsboxError ERR_TSBOX_CONFIG */
  async check(source: PluginSource, definition: PluginDefinition): Promise<void> {
    if (this.concerns(source)) await this.#checkValues(definition);
    if (usesOwnOptions(definition))
      refuseMissing(definition, this.ofPlugin(definition), `pluginOptions.${source.name}`);
  }

  /** Refuses names of plugins and drivers that are not there. @throws TsboxError ERR_TSBOX_CONFIG */
  checkNames(sources: readonly PluginSource[]): void {
    const plugins = sources.map(({ name }) => name);
    const drivers = sources.flatMap(driverNames);
    for (const name of Object.keys(this.plugins)) {
      if (!plugins.includes(name)) throw this.#nobody('pluginOptions', 'plugin', name, plugins);
    }
    for (const name of Object.keys(this.drivers)) {
      if (!drivers.includes(name)) throw this.#nobody('driverOptions', 'driver', name, drivers);
    }
  }

  async #checkValues({ name, options: table = {}, drivers = {} }: PluginDefinition): Promise<void> {
    const { checkOptions } = await import('../config/check-options.js');
    const check = (at: string, values: JsonObject = {}) =>
      checkOptions({ plugin: name, table, values, at, place: (key) => this.#place(`${at}.${key}`) });
    check(`pluginOptions.${name}`, this.plugins[name]);
    for (const driver of Object.values(drivers).flatMap((made) => Object.keys(made)))
      check(`driverOptions.${driver}`, this.drivers[driver]);
  }

  #place(key: string): string {
    return this.places[key] ?? 'the options of createEngine';
  }

  #nobody(at: string, what: string, name: string, known: readonly string[]): TsboxError {
    const place = Object.entries(this.places).find(([key]) => key.startsWith(`${at}.${name}.`))?.[1];
    const meant = nearest(name, known);
    return new TsboxError('ERR_TSBOX_CONFIG', {
      what: `unknown ${what} "${at}.${name}" in ${place ?? this.#place('')}`,
      why: `there is no ${what} of that name`,
      fix: meant ? `did you mean "${meant}"?` : `there are ${[...new Set(known)].join(', ')}`,
    });
  }
}

/** A plugin with drivers alone gets its options through them. */
function usesOwnOptions({ drivers, hooks, validate, commands, info }: PluginDefinition): boolean {
  return !drivers || Boolean(hooks ?? validate ?? commands ?? info);
}

function refuseMissing({ name, options = {} }: PluginDefinition, values: JsonObject, at: string): void {
  const missing = Object.entries(options).find(([key, schema]) => schema.required && values[key] === undefined);
  if (!missing) return;
  const [key, { description }] = missing;
  throw new TsboxError('ERR_TSBOX_CONFIG', {
    what: `the plugin "${name}" cannot be used without its option "${key}"`,
    why: description ? `it has no default (${description})` : 'it has no default',
    fix: `set ${at}.${key} in the configuration`,
  });
}

function driverNames({ drivers = {} }: PluginSource): string[] {
  return Object.values(drivers).flat();
}
