import { type LoadedConfig, loadConfig as load } from '../config/load-config.js';

export interface LoadConfigOptions {
  /** Where the search for the project's file starts, upwards; default: the working directory. */
  readonly directory?: string;
  /** Instead of the search. */
  readonly file?: string;
}

/** Reads the project's and the user's config file, as the command line does. @throws TsboxError naming file and line */
export function loadConfig({ directory = process.cwd(), file }: LoadConfigOptions = {}): Promise<LoadedConfig> {
  return load({ directory, environment: process.env, caller: caller(), ...(file !== undefined && { file }) });
}

/** Whose files are trusted beside root's. */
export function caller() {
  return { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
}
