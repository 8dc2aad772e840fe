import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunSettings } from '../../core/config/run-options.js';
import { type JsonObject, type PluginDefinition, sourceOf } from '../../core/plugin/index.js';
import type { DriverKind } from '../../core/plugin/spec.js';
import { builtins } from '../../plugins/builtins.js';
import type { Assembly } from '../support/faults/assembly.js';
import { followUndo } from '../support/faults/part.js';
import type { Need } from '../support/skip.js';

/** What a suite has to know of a plugin beside its definition. */
export interface PluginDescription {
  /** The plugin's module, `new URL('../src/index.ts', import.meta.url)`: processes that are killed load it from there. */
  readonly module: string | URL;
  /** Values for the plugin's options; a function is called when the tests begin. */
  readonly pluginOptions?: JsonObject | (() => JsonObject);
  /** What the machine must have beside root and busybox; where it lacks something, the suite is skipped by name. */
  readonly needs?: readonly Need[];
  /** What each container asks for beside its drivers, as in `engine.run`. */
  readonly settings?: RunSettings;
  /** Where state is kept, for a driver to which that matters: an empty directory; called when the tests begin. */
  readonly directory?: () => string;
}

/** Chosen by a setting of their name; an image by its reference, and a log only where it is asked for. */
const CHOSEN: readonly DriverKind[] = ['storage', 'network', 'resources', 'userns', 'security'];

export interface DriverDescription extends PluginDescription {
  /** The driver's name in the definition. */
  readonly driver: string;
  /** The values of `driverOptions` in a config file; a function is called when the tests begin. */
  readonly options?: JsonObject | (() => JsonObject);
}

export interface ImageDescription extends DriverDescription {
  /** What follows `NAME:` for an image of the files in a directory, which has a busybox; the directory itself by default. */
  readonly rest?: (directory: string) => string;
}

/** Cheap, and without side effects: what is tested is the plugin. */
const NEUTRAL = { storage: 'copy', network: 'none', resources: 'none', userns: 'host' } as const;

/** A plugin that is tested, with everything that a launch with it needs. */
export class Subject {
  constructor(
    readonly plugin: PluginDefinition,
    readonly description: PluginDescription & Partial<DriverDescription>,
    readonly kind?: DriverKind,
  ) {}

  get driver(): string {
    return this.description.driver as string;
  }

  get title(): string {
    return this.kind ? `${this.kind} driver ${this.driver}` : `plugin ${this.plugin.name}`;
  }

  /** What containers ask for. */
  get values(): RunSettings {
    return { ...NEUTRAL, ...this.description.settings, ...this.#choice };
  }

  get #choice(): RunSettings {
    return this.kind && CHOSEN.includes(this.kind) ? { [this.kind]: this.driver } : {};
  }

  get options(): JsonObject {
    return given(this.description.options);
  }

  get driverOptions(): Readonly<Record<string, JsonObject>> {
    return this.description.options === undefined ? {} : { [this.driver]: this.options };
  }

  get pluginOptions(): Readonly<Record<string, JsonObject>> {
    const { pluginOptions } = this.description;
    return pluginOptions === undefined ? {} : { [this.plugin.name]: given(pluginOptions) };
  }

  /** All plugins with this one in them: at its place where it is built in. */
  assembly(configDirectory?: string): Assembly {
    const own = sourceOf(followUndo(this.plugin), this.module);
    const plugins = builtins.map((source) => (source.name === own.name ? own : source));
    return {
      plugins: this.#isBuiltin ? plugins : [...plugins, own],
      driverOptions: this.driverOptions,
      pluginOptions: this.pluginOptions,
      ...(configDirectory !== undefined && { flags: ['--config', this.#writeConfig(configDirectory)] }),
    };
  }

  /** The plugin's module, as a path. */
  get module(): string {
    const { module } = this.description;
    return module instanceof URL || module.startsWith('file:') ? fileURLToPath(module) : module;
  }

  get #isBuiltin(): boolean {
    return builtins.some(({ name }) => name === this.plugin.name);
  }

  /** The same for the command line. */
  #writeConfig(directory: string): string {
    const { driverOptions, pluginOptions } = this;
    const both = { driverOptions, pluginOptions };
    const filled = Object.entries(both).filter(([, values]) => Object.keys(values).length > 0);
    const config = { plugins: this.#isBuiltin ? [] : [this.module], ...Object.fromEntries(filled) };
    const file = join(directory, 'config.json');
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }
}

function given(options: JsonObject | (() => JsonObject) = {}): JsonObject {
  return typeof options === 'function' ? (options as () => JsonObject)() : options;
}
