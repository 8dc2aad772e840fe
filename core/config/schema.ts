import * as z from 'zod/mini';
import type { PluginDefinition } from '../plugin/plugin.js';
import { type EnvironmentConfig, environmentsSchema, runSchema } from './environment-schema.js';

const driverName = (kind: string) => z.optional(z.string().check(z.describe(`the ${kind} driver, or auto`)));

/** In a config file that is a program. */
const inlinePlugin = z.custom<PluginDefinition>(
  (value) => typeof value === 'object' && value !== null && 'name' in value && 'apiVersion' in value,
  'what definePlugin returns',
);

/** A config file, whole. */
export const configSchema = z.strictObject({
  $schema: z.optional(z.string()),
  root: z.optional(z.string().check(z.describe('where state is kept that survives a reboot'))),
  runroot: z.optional(z.string().check(z.describe('where state is kept that does not'))),
  storage: driverName('storage'),
  network: driverName('network'),
  resources: driverName('resources'),
  security: driverName('security'),
  userns: z.optional(z.string().check(z.describe('host, auto or uid:gid:size'))),
  driverOptions: z.optional(
    z
      .record(z.string(), z.record(z.string(), z.json()))
      .check(z.describe('options of drivers, by the name of the driver')),
  ),
  pluginOptions: z.optional(
    z
      .record(z.string(), z.record(z.string(), z.json()))
      .check(z.describe('options of plugins, by the name of the plugin')),
  ),
  plugins: z.optional(
    z
      .array(z.union([z.string(), inlinePlugin]))
      .check(z.describe('plugins: names of packages, or paths that start with ./ or / (relative to this file)')),
  ),
  run: z.optional(runSchema.check(z.describe('defaults for tsbox run'))),
  environments: z.optional(
    environmentsSchema.check(z.describe('named environments, for tsbox run @NAME and tsbox up')),
  ),
});

/** What a config file may say. */
export type TsboxConfig = Omit<z.infer<typeof configSchema>, 'environments'> & {
  readonly environments?: Readonly<Record<string, EnvironmentConfig>> | undefined;
};

/** The keys of a config file besides those of `run`. */
export const CONFIG_KEYS = Object.keys(configSchema.shape);
