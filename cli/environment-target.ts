import { dirname, resolve } from 'node:path';
import { resolveCompose } from '../core/compose/index.js';
import { COMPOSE_FILES, findComposeFile } from '../core/compose/read.js';
import { environmentLayer } from '../core/config/environment.js';
import type { LoadedConfig } from '../core/config/load-config.js';
import { definitionsOf } from '../core/environments/definition.js';
import { type EnvironmentRequest, resolveEnvironment } from '../core/environments/index.js';
import type { ResolvedEnvironment } from '../core/environments/types.js';
import { TsboxError } from '../core/plugin/error.js';
import { nearest } from '../core/plugin/nearest.js';
import { warn } from './engine.js';
import { readEnvironmentRequest, withDrivers } from './environment-request.js';
import type { Globals } from './globals.js';

/** Which environment: `-f`, `-p`, and what stands on the command line. */
export interface TargetFlags {
  readonly file?: readonly string[];
  readonly projectName?: string;
  readonly ignoreUnsupported?: boolean;
}

export interface Target {
  readonly environment: ResolvedEnvironment;
  /** With the driver options of the environment. */
  readonly config: LoadedConfig;
  /** What stands behind the name. */
  readonly services: readonly string[];
}

/**
 * `[NAME] [SERVICE...]`: an environment of the config file, else the compose file that is there. Without a
 * name it is the only one, or that of the name `default`.
 */
export async function readTarget(words: readonly string[], flags: TargetFlags, globals: Globals): Promise<Target> {
  const [first, ...rest] = words;
  const request = await readEnvironmentRequest(globals);
  const compose = flags.file ? composeFlag(flags.file) : undefined;
  const names = compose === undefined ? [...definitionsOf(request.config).keys()] : [];
  const chosen = names.find((name) => name === first) ?? standard(names);
  if (chosen !== undefined) {
    const environment = await resolveEnvironment(chosen, request);
    const config = withDrivers(request.config, environment);
    return { environment, config, services: chosen === first ? rest : words };
  }
  const file = compose ?? composeAbove(process.cwd());
  if (file === undefined) throw noEnvironment(first, names);
  const environment = supported(await readCompose(file, flags, request, globals), flags, globals);
  return { environment, config: request.config, services: first === environment.name ? rest : words };
}

function readCompose(
  file: string,
  { projectName: name }: TargetFlags,
  { caller, config, environment, directory }: EnvironmentRequest,
  globals: Globals,
): Promise<ResolvedEnvironment> {
  return resolveCompose({
    file,
    ...(name !== undefined && { name }),
    environment,
    caller,
    layers: [environmentLayer(environment, directory), ...config.layers],
    onWarning: (message) => warn(message, globals),
  });
}

/** What is not supported is said in any case. */
function supported(environment: ResolvedEnvironment, flags: TargetFlags, globals: Globals): ResolvedEnvironment {
  if (!flags.ignoreUnsupported) return environment;
  for (const { key, origin, why } of environment.unsupported)
    warn(`${origin.text}: ${key} is ignored: ${why}`, globals);
  return { ...environment, unsupported: [] };
}

/** The only one, or the one that is called so. */
function standard(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : names.find((name) => name === 'default');
}

function composeFlag([file, ...more]: readonly string[]): string {
  if (more.length === 0) return resolve(file as string);
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: 'cannot read several compose files as one',
    why: `-f was given ${more.length + 1} times`,
    fix: 'let the services of one file extend those of the other: extends: { file: …, service: … }',
  });
}

/** From the working directory upwards, as for config files. */
export function composeAbove(directory: string): string | undefined {
  const found = findComposeFile(directory);
  if (found !== undefined) return found;
  const parent = dirname(directory);
  return parent === directory ? undefined : composeAbove(parent);
}

function noEnvironment(name: string | undefined, names: readonly string[]): TsboxError {
  const meant = name === undefined ? undefined : nearest(name, names);
  return new TsboxError('ERR_TSBOX_CONFIG', {
    what: name === undefined ? 'cannot choose an environment' : `cannot find environment "${name}"`,
    why:
      names.length > 0
        ? `the config file has ${names.join(', ')}`
        : `no config file has environments, and there is no ${COMPOSE_FILES[0]} here`,
    fix: meant ? `did you mean ${meant}?` : names.length > 0 ? `tsbox up ${names[0]}` : 'tsbox up -f FILE',
  });
}
