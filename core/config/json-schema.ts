import * as z from 'zod/mini';
import type { JsonObject } from '../plugin/launch.js';
import type { PluginDefinition } from '../plugin/plugin.js';
import { tableSchema } from './option-schema.js';
import { configSchema } from './schema.js';

/**
 * The JSON Schema of a config file, for editors: `"$schema": "./node_modules/tsbox/dist/schema.json"`.
 * @param plugins whose options it describes
 */
export function jsonSchema(plugins: readonly PluginDefinition[] = []): object {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as unknown as {
    properties: Properties;
  };
  const { properties } = schema;
  // A file that this can check holds no program: plugins are named in it.
  (properties.plugins as JsonSchemaList).items = { type: 'string' };
  describeOptions(
    properties.pluginOptions,
    plugins.map(({ name, options = {} }) => [name, tableSchema(options)]),
  );
  const drivers = plugins.flatMap((plugin) => driversOf(plugin).map((name) => ({ name, plugin })));
  describeOptions(
    properties.driverOptions,
    drivers.map(({ name, plugin: { options = {} } }) => [name, withoutRequired(tableSchema(options))]),
  );
  return { title: 'tsbox configuration', ...schema };
}

type Properties = { pluginOptions: object; driverOptions: object; plugins: object };
interface JsonSchemaList {
  items: object;
}

function describeOptions(schema: object, entries: readonly (readonly [string, JsonObject])[]): void {
  if (entries.length > 0) Object.assign(schema, { properties: Object.fromEntries(entries) });
}

function driversOf({ drivers = {} }: PluginDefinition): string[] {
  return Object.values(drivers).flatMap((made) => Object.keys(made));
}

/** What is required may stand in `pluginOptions` just as well. */
function withoutRequired({ required: _, ...schema }: JsonObject): JsonObject {
  return schema;
}
