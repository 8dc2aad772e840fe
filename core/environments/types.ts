import type { Layer } from '../config/settings.js';
import type { JsonObject } from '../plugin/launch.js';

/** Where a value was written. */
export interface Origin {
  /** The config file, when it was in one. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** For people: `tsbox.config.ts:12`, `--memory`, `TSBOX_MEMORY`, `the default`. */
  readonly text: string;
}

/** A file of the host that the container can read at `target`, and that nothing else ever shows. */
export interface ResolvedSecret {
  readonly name: string;
  /** Absolute path on the host. */
  readonly file: string;
  /** Absolute path in the container. */
  readonly target: string;
  /** A variable that says `target`. */
  readonly env?: string;
  /** Permission bits of the file in the container. */
  readonly mode: number;
  readonly origin: Origin;
}

/** What a service waits for of another one: that it runs, that it answers, that it ended well. */
export type Condition = 'started' | 'ready' | 'completed';

/** How to tell that a service answers: one of command, port and log. */
export interface Readiness {
  readonly command?: readonly string[];
  readonly port?: number;
  readonly log?: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  /** What fails so early does not count. */
  readonly startPeriodMs?: number;
}

/** A network of an environment, where the file says more than that there is one. */
export interface ResolvedNetwork {
  /** As `tsbox network ls` shows it. */
  readonly name: string;
  /** It is there already, and stays. */
  readonly external: boolean;
  readonly internal: boolean;
  readonly driver?: string;
  readonly subnet?: string;
  readonly gateway?: string;
  readonly ipRange?: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** What a service is on of those. */
export interface ServiceNetwork {
  /** {@link ResolvedNetwork.name}. */
  readonly network: string;
  readonly aliases: readonly string[];
  readonly ip?: string;
}

/** A named volume, where the file says more than its name. */
export interface ResolvedVolume {
  readonly name: string;
  /** It is there already, and stays. */
  readonly external: boolean;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ResolvedService {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  /** RunSettings, the nearest first, for resolveSpec (core/config/resolve-spec.ts). */
  readonly layers: readonly Layer[];
  readonly secrets: readonly ResolvedSecret[];
  readonly dependsOn: ReadonlyMap<string, Condition>;
  readonly ready?: Readiness;
  readonly profiles: readonly string[];
  /** The first is its eth0. Undefined: what the settings choose, by default the environment's own network. */
  readonly networks?: readonly ServiceNetwork[];
  /** By key: `memory`, `env.A`, `secrets.token`. */
  readonly origins: Readonly<Record<string, Origin>>;
}

export interface ResolvedEnvironment {
  readonly name: string;
  readonly description?: string;
  readonly file?: string;
  /** Where `tsbox.environment.directory` points: that of the file. */
  readonly directory: string;
  /** Written without `services`: one service of the environment's own name. */
  readonly single: boolean;
  /** In the file's order, of all profiles. */
  readonly services: readonly ResolvedService[];
  readonly networks?: readonly ResolvedNetwork[];
  readonly volumes?: readonly ResolvedVolume[];
  /** Options of drivers, by driver name: they win over those of the config files. */
  readonly driverOptions?: Readonly<Record<string, JsonObject>>;
  /** What a compose file asks for that there is not. */
  readonly unsupported: readonly { readonly key: string; readonly origin: Origin; readonly why: string }[];
}
