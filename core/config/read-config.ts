import { readFileSync } from 'node:fs';
import { basename, dirname, extname } from 'node:path';
import { TsboxError } from '../plugin/error.js';
import { checkConfig } from './check-config.js';
import { loadModule } from './load-module.js';
import type { TsboxConfig } from './schema.js';
import { type Caller, trustedFile } from './trust.js';

/** A config file that was read and checked. */
export interface ConfigFile {
  readonly file: string;
  /** Relative paths in it start here. */
  readonly directory: string;
  readonly config: TsboxConfig;
}

/** Reads and checks one file. @throws TsboxError */
export async function readConfig(file: string, caller: Caller): Promise<ConfigFile> {
  const real = trustedFile(file, 'the config file', caller);
  const value = await readValue(file, real);
  // An empty file is no config, which is no mistake.
  return { file, directory: dirname(real), config: await checkConfig(value ?? {}, file) };
}

/** What a file says, unchecked. @param real its real path, which is to be trusted */
export async function readValue(file: string, real: string): Promise<unknown> {
  try {
    return await load(real, basename(file));
  } catch (error) {
    throw new TsboxError('ERR_TSBOX_CONFIG', {
      what: `cannot read the config file ${file}`,
      why: error instanceof Error ? error.message : String(error),
      fix: 'correct it, or name another file with --config',
      cause: error,
    });
  }
}

/**
 * cosmiconfig's loaders, not its search: that one first looks for a "meta" config in the working
 * directory and runs `.config/config.js` from there, whoever wrote it.
 */
async function load(real: string, name: string): Promise<unknown> {
  const extension = extname(name);
  if (/^\.[cm]?[jt]s$/.test(extension)) return loadModule(real);
  const { defaultLoaders } = await import('cosmiconfig');
  const loader = extension === '.json' ? defaultLoaders['.json'] : defaultLoaders['.yaml'];
  const value: unknown = loader(real, readFileSync(real, 'utf8'));
  return name === 'package.json' ? (value as { readonly tsbox?: unknown }).tsbox : value;
}
