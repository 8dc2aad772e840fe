import type { EnvironmentConfig } from '../config/environment-schema.js';
import type { LoadedConfig } from '../config/load-config.js';
import type { ConfigFile } from '../config/read-config.js';
import { TsboxError } from '../plugin/error.js';
import { nearest } from '../plugin/nearest.js';

/** One environment as one place has it, before anything is added that it extends. */
export interface Definition {
  /** Undefined for a file that is nothing but one environment. */
  readonly name?: string;
  readonly file: string;
  /** Relative paths in it start here. */
  readonly directory: string;
  /** Keys that lead to it in the file. */
  readonly path: readonly string[];
  readonly value: EnvironmentConfig;
  /** The environments of the same file. */
  readonly siblings: Readonly<Record<string, EnvironmentConfig>>;
}

/** Every environment of the config files by name; the project's wins over the user's. */
export function definitionsOf({ sources }: Pick<LoadedConfig, 'sources'>): Map<string, Definition> {
  const found = new Map<string, Definition>();
  for (const source of sources) {
    for (const name of Object.keys(source.config.environments ?? {})) {
      if (!found.has(name)) found.set(name, definitionIn(source, name) as Definition);
    }
  }
  return found;
}

/** The environment of a name in one file. */
export function definitionIn({ file, directory, config }: ConfigFile, name: string): Definition | undefined {
  const { environments: siblings = {} } = config;
  const value = Object.hasOwn(siblings, name) ? siblings[name] : undefined;
  return value && { name, file, directory, path: ['environments', name], value, siblings };
}

/** @throws TsboxError naming those that there are */
export function findDefinition(name: string, config: LoadedConfig): Definition {
  const all = definitionsOf(config);
  const found = all.get(name);
  if (found) return found;
  const [first] = config.files;
  const why =
    first === undefined ? 'no config file was found' : `there is none of that name in ${config.files.join(', ')}`;
  const meant = nearest(name, all.keys());
  throw new TsboxError('ERR_TSBOX_CONFIG', {
    what: `cannot use the environment ${JSON.stringify(name)}`,
    why,
    fix: meant ? `did you mean @${meant}?` : 'tsbox env ls lists the environments that there are',
  });
}
