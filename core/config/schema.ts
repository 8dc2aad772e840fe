import * as z from 'zod/mini';
import { RUN_KEYS, type RunOption, type RunSettings, runOption } from './run-options.js';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const KINDS = {
  boolean: () => z.boolean(),
  text: () => z.union([z.string(), z.number()]),
  list: () => z.array(z.union([z.string(), z.number()])),
  env: () => z.union([z.array(z.string()), z.record(z.string(), scalar)]),
} satisfies Record<RunOption['kind'], () => z.ZodMiniType>;

/** The defaults of `run`: one key for each flag, made from the table of flags. */
const runSchema = z.strictObject(
  Object.fromEntries(RUN_KEYS.map((key) => [key, z.optional(described(KINDS[runOption(key).kind](), key))])),
) as unknown as z.ZodMiniType<RunSettings>;

function described(schema: z.ZodMiniType, key: (typeof RUN_KEYS)[number]): z.ZodMiniType {
  const { help, example } = runOption(key);
  return schema.check(z.meta({ description: help, ...(example !== undefined && { examples: [example] }) }));
}

const driverName = (kind: string) => z.optional(z.string().check(z.describe(`the ${kind} driver, or auto`)));

/** A config file, whole. */
export const configSchema = z.strictObject({
  $schema: z.optional(z.string()),
  root: z.optional(z.string().check(z.describe('where state is kept that survives a reboot'))),
  runroot: z.optional(z.string().check(z.describe('where state is kept that does not'))),
  storage: driverName('storage'),
  network: driverName('network'),
  resources: driverName('resources'),
  userns: z.optional(z.string().check(z.describe('host, auto or uid:gid:size'))),
  driverOptions: z.optional(
    z
      .record(z.string(), z.record(z.string(), z.json()))
      .check(z.describe('options of drivers, by the name of the driver')),
  ),
  plugins: z.optional(
    z
      .array(z.string())
      .check(z.describe('plugins: names of packages, or paths that start with ./ or / (relative to this file)')),
  ),
  run: z.optional(runSchema.check(z.describe('defaults for tsbox run'))),
});

/** What a config file may say. */
export type TsboxConfig = z.infer<typeof configSchema>;

/** The keys of a config file besides those of `run`. */
export const CONFIG_KEYS = Object.keys(configSchema.shape);
