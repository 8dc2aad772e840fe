import { loadConfig } from '../config/load-config.js';
import type { ResolvedEnvironment } from '../environments/types.js';

export interface LoadOptions {
  /** Where config files are looked for; default: the working directory. */
  readonly directory?: string;
  /** A config file, instead of the one that is found. */
  readonly config?: string;
}

/** An environment of the config files, for `engine.up`. @throws TsboxError with file and line */
export async function loadEnvironment(name: string, options: LoadOptions = {}): Promise<ResolvedEnvironment> {
  const { resolveEnvironment } = await import('../environments/index.js');
  const { directory = process.cwd(), config: file } = options;
  const request = { directory, environment: process.env, caller: caller() };
  const config = await loadConfig({ ...request, ...(file !== undefined && { file }) });
  return resolveEnvironment(name, { ...request, config });
}

/** A compose file as an environment; `unsupported` lists what it asks for in vain. @throws TsboxError with file and line */
export async function loadCompose(
  file: string,
  options: { readonly name?: string } = {},
): Promise<ResolvedEnvironment> {
  const { resolveCompose } = await import('../compose/index.js');
  return resolveCompose({ ...options, file, environment: process.env, caller: caller(), layers: [] });
}

function caller() {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
}
