import { DRIVER_KINDS, type PluginDefinition } from '../plugin/plugin.js';
import type { DriverKind } from '../plugin/spec.js';

/** A vitest file that runs the conformance suites on a plugin. */
export interface SuiteRequest {
  /** Absolute path of the plugin's module. */
  readonly module: string;
  /** Its drivers, by kind. */
  readonly drivers: { readonly [Kind in DriverKind]?: readonly string[] };
  /** An undo that is left out, to see that the suite finds it. */
  readonly without?: string;
  /** Values of `driverOptions`, by driver name. */
  readonly driverOptions?: Readonly<Record<string, object>>;
  /** Further fields of the suite's description, as JavaScript: `options: { size: '1m' }`. */
  readonly description?: string;
}

const SUITES: Readonly<Record<DriverKind, string>> = {
  storage: 'describeStorageDriver',
  network: 'describeNetworkDriver',
  resources: 'describeResourceDriver',
  userns: 'describeUsernsDriver',
  security: 'describeSecurityDriver',
  image: 'describeImageDriver',
  log: 'describeLogDriver',
};

/** Which drivers a plugin has. */
export function driversOf({ drivers = {} }: PluginDefinition): SuiteRequest['drivers'] {
  return Object.fromEntries(
    DRIVER_KINDS.flatMap((kind) => (drivers[kind] ? [[kind, Object.keys(drivers[kind])]] : [])),
  );
}

/** The text of the file. A plugin without drivers has the suite for hooks. */
export function suiteFile({ module, drivers, without, description = '', driverOptions = {} }: SuiteRequest): string {
  const place = JSON.stringify(module);
  const plugin = without === undefined ? 'definition' : `withoutUndo(definition, ${JSON.stringify(without)})`;
  const more = description ? `, ${description}` : '';
  const optionsOf = (driver: string) =>
    driverOptions[driver] ? `, options: ${JSON.stringify(driverOptions[driver])}` : '';
  const calls = DRIVER_KINDS.flatMap((kind) =>
    (drivers[kind] ?? []).map(
      (driver) =>
        `testing.${SUITES[kind]}(plugin, { module: ${place}, driver: ${JSON.stringify(driver)}${optionsOf(driver)}${more} });`,
    ),
  );
  const lines = calls.length > 0 ? calls : [`testing.describePlugin(plugin, { module: ${place}${more} });`];
  return [
    `import * as testing from 'tsbox/testing';`,
    `import definition from ${place};`,
    `const { withoutUndo } = testing;`,
    `const plugin = ${plugin};`,
    ...lines,
    '',
  ].join('\n');
}
