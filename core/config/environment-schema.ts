import * as z from 'zod/mini';
import { RUN_KEYS, type RunOption, type RunSettings, runOption } from './run-options.js';

/** A file that the container may read: its path, or all there is to say. */
export interface SecretConfig {
  /** Relative to the config file. */
  readonly file: string;
  /** Default `/run/secrets/NAME`. */
  readonly target?: string;
  /** A variable that says where it is. */
  readonly env?: string;
  /** Octal; default `0400`. It belongs to the container's user. */
  readonly mode?: string;
}

/** How to tell that a service answers: exactly one of command, port and log. */
export interface ReadinessConfig {
  /** Executed in the container; status 0 is yes. */
  readonly command?: string | readonly string[];
  /** Something accepts connections on this TCP port of the container. */
  readonly port?: number;
  /** A line of its output has this text. */
  readonly log?: string;
  /** Default `500ms`. */
  readonly interval?: string;
  /** Of one attempt; default `10s`. */
  readonly timeout?: string;
  /** Default 20. */
  readonly retries?: number;
}

export type ConditionConfig = 'started' | 'ready' | 'completed';

interface Runnable extends RunSettings {
  /** `host`, a path (relative to the config file), or a local image. */
  readonly image?: string;
  /** A list, or one string that is split as a shell does it; no shell is run. */
  readonly command?: string | readonly string[];
  /** By name. */
  readonly secrets?: Readonly<Record<string, string | SecretConfig>>;
  readonly ready?: ReadinessConfig;
}

/** One container of an environment that has several. */
export interface ServiceConfig extends Runnable {
  /** What it waits for; a list means `ready` where that has a `ready`, else `started`. */
  readonly dependsOn?: readonly string[] | Readonly<Record<string, ConditionConfig>>;
  /** It is started only with one of them: `tsbox up --profile full`. */
  readonly profiles?: readonly string[];
}

/** A named environment: one container, or several in `services`; keys beside `services` are defaults of each. */
export interface EnvironmentConfig extends Runnable {
  readonly description?: string;
  /** Another environment, a file, a package, `…#name`, or a list; later ones win, own keys win over all. */
  readonly extends?: string | readonly string[];
  /** Options of drivers, by the name of the driver. */
  readonly driverOptions?: Readonly<Record<string, Readonly<Record<string, z.core.util.JSONType>>>>;
  readonly services?: Readonly<Record<string, ServiceConfig>>;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const KINDS = {
  boolean: () => z.boolean(),
  text: () => z.union([z.string(), z.number()]),
  list: () => z.array(z.union([z.string(), z.number()])),
  env: () => z.union([z.array(z.string()), z.record(z.string(), scalar)]),
} satisfies Record<RunOption['kind'], () => z.ZodMiniType>;

/** One key for each flag of `run`, made from the table of flags. */
const runFields = Object.fromEntries(
  RUN_KEYS.map((key) => [key, z.optional(described(KINDS[runOption(key).kind](), key))]),
);

function described(schema: z.ZodMiniType, key: (typeof RUN_KEYS)[number]): z.ZodMiniType {
  const { help, example } = runOption(key);
  return schema.check(z.meta({ description: help, ...(example !== undefined && { examples: [example] }) }));
}

/** The defaults of `run`. */
export const runSchema = z.strictObject(runFields) as unknown as z.ZodMiniType<RunSettings>;

const text = (description: string) => z.optional(z.string().check(z.describe(description)));
const words = (description: string) =>
  z.optional(z.union([z.string(), z.array(z.string())]).check(z.describe(description)));

const secret = z.union([
  z.string(),
  z.strictObject({
    file: z.string().check(z.describe('path on the host, relative to this file')),
    target: text('path in the container (default: /run/secrets/NAME)'),
    env: text('a variable that says the path in the container'),
    mode: text('octal mode in the container (default: 0400)'),
  }),
]);

const readiness = z.strictObject({
  command: words('executed in the container; status 0 means ready'),
  port: z.optional(z.number().check(z.describe('a TCP port of the container that accepts connections'))),
  log: text('text that a line of its output has'),
  interval: text('between two attempts (default: 500ms)'),
  timeout: text('of one attempt (default: 10s)'),
  retries: z.optional(z.number().check(z.describe('attempts before it is given up (default: 20)'))),
});

const runnableFields = {
  ...runFields,
  image: text('host, a path, or a local image'),
  command: words('what to run in it: a list, or a string that is split as a shell does it'),
  secrets: z.optional(
    z.record(z.string(), secret).check(z.describe('files that the container may read, below /run/secrets')),
  ),
  ready: z.optional(readiness.check(z.describe('how to tell that it answers: one of command, port and log'))),
};

const condition = z.enum(['started', 'ready', 'completed']);

const serviceFields = {
  ...runnableFields,
  dependsOn: z.optional(
    z
      .union([z.array(z.string()), z.record(z.string(), condition)])
      .check(z.describe('services that it waits for: started, ready or completed')),
  ),
  profiles: z.optional(z.array(z.string()).check(z.describe('it is started only with one of these profiles'))),
};

const environmentFields = {
  ...runnableFields,
  description: text('what it is for'),
  extends: words('another environment, a file, a package, or any of them with #name; later ones win'),
  driverOptions: z.optional(
    z
      .record(z.string(), z.record(z.string(), z.json()))
      .check(z.describe('options of drivers, by the name of the driver')),
  ),
  services: z.optional(
    z.record(z.string(), z.strictObject(serviceFields)).check(z.describe('several containers, by name')),
  ),
};

/** One environment: also what a file may be that another one extends. */
export const environmentSchema = z.strictObject(environmentFields) as unknown as z.ZodMiniType<EnvironmentConfig>;

export const environmentsSchema = z.record(z.string(), environmentSchema) as unknown as z.ZodMiniType<
  Readonly<Record<string, EnvironmentConfig>>
>;

export const SERVICE_KEYS = Object.keys(serviceFields);
export const ENVIRONMENT_KEYS = Object.keys(environmentFields);
export const SECRET_KEYS = ['file', 'target', 'env', 'mode'];
export const READINESS_KEYS = Object.keys(readiness.shape);
