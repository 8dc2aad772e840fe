import type { LoadedConfig } from '../config/load-config.js';
import type { Layer } from '../config/settings.js';
import type { Caller } from '../config/trust.js';

/** What it takes to resolve environments. */
export interface EnvironmentRequest {
  readonly config: LoadedConfig;
  /** Whose files are trusted beside root's. */
  readonly caller: Caller;
  /** Where `TSBOX_*` is looked up. */
  readonly environment: NodeJS.ProcessEnv;
  /** The working directory: relative paths of variables start there. */
  readonly directory: string;
  /** Settings that are nearer than all others: flags, options of a call. */
  readonly flags?: NearLayer;
  /** Look up lines too. It takes a second parse of every file, so only who shows them asks. */
  readonly positions?: boolean;
}

/** Settings of `run`, and where state is kept. */
export interface NearLayer extends Layer {
  readonly state?: { readonly root?: string; readonly runroot?: string };
}

/** A table of keys that somebody wrote somewhere: settings of run, and others beside them. */
export interface Source {
  readonly kind: Layer['kind'];
  readonly file?: string;
  /** Relative paths in the values start here. */
  readonly directory: string;
  /** Keys that lead to the table in the file. */
  readonly path: readonly string[];
  readonly values: Readonly<Record<string, unknown>>;
}

/** Keys that stand in a source and are no values of what it describes. */
export const STRUCTURE: readonly string[] = ['extends', 'services', '$schema'];
