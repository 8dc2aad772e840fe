import type { RunKey } from '../config/run-options.js';
import type {
  Condition,
  Origin,
  Readiness,
  ResolvedEnvironment,
  ResolvedNetwork,
  ResolvedSecret,
  ResolvedVolume,
  ServiceNetwork,
} from '../environments/types.js';
import type { Variables } from './interpolate.js';
import type { Node } from './node.js';

/** What all services of a file share. */
export interface Project {
  readonly name: string;
  readonly variables: Variables;
  /** By their name in the file. */
  readonly networks: ReadonlyMap<string, ResolvedNetwork>;
  readonly volumes: ReadonlyMap<string, ResolvedVolume>;
  /** Files of the host, by the secret's name in the file. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly services: ReadonlyMap<string, Node>;
  readonly unsupported: Unsupported;
}

/** What a file asks for that there is not: nothing is left out in silence. */
export class Unsupported {
  readonly #list: ResolvedEnvironment['unsupported'][number][] = [];

  add(node: Node, why: string): void {
    this.#list.push({ key: node.path.join('.'), origin: node.origin, why });
  }

  get all(): ResolvedEnvironment['unsupported'] {
    return this.#list;
  }
}

/** A service that is read key by key. */
export class ServiceBuilder {
  readonly lists = new Map<RunKey, string[]>();
  readonly texts = new Map<RunKey, string>();
  readonly flags = new Map<RunKey, boolean>();
  readonly origins: Record<string, Origin> = {};
  readonly dependsOn = new Map<string, Condition>();
  readonly secrets: ResolvedSecret[] = [];
  readonly networks: ServiceNetwork[] = [];
  image: string | undefined;
  command: string[] = [];
  entrypoint: string[] | undefined;
  ready: Readiness | undefined;
  profiles: string[] = [];

  constructor(
    readonly name: string,
    readonly project: Project,
  ) {}

  text(key: RunKey, node: Node, value = node.text()): void {
    this.texts.set(key, value);
    this.origins[key] = node.origin;
  }

  list(key: RunKey, node: Node, values: readonly string[]): void {
    this.lists.set(key, [...(this.lists.get(key) ?? []), ...values]);
    this.origins[key] ??= node.origin;
  }

  flag(key: RunKey, node: Node): void {
    this.flags.set(key, node.flag());
    this.origins[key] = node.origin;
  }

  unsupported(node: Node, why: string): void {
    this.project.unsupported.add(node, why);
  }
}

/** Reads one key of a service. */
export type KeyReader = (node: Node, service: ServiceBuilder) => void;
