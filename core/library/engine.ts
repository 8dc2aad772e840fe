import type { LoadedConfig } from '../config/load-config.js';
import type { RunSettings } from '../config/run-options.js';
import { type EventsOptions, eventsOf } from '../containers/events.js';
import { type ContainerSummary, summarizeAll } from '../containers/summary.js';
import { Engine, type LifecycleEvents, type Plan } from '../engine/index.js';
import type { ResolvedEnvironment } from '../environments/types.js';
import type { JsonObject } from '../plugin/launch.js';
import { type PluginSource, sourceOf } from '../plugin/source.js';
import type { Spec } from '../plugin/spec.js';
import type { StatePaths } from '../plugin/tokens.js';
import type { EngineEvent } from '../state/events.js';
import { findContainer } from '../state/find.js';
import { statePaths } from '../state/paths.js';
import { Box } from './box.js';
import { ContainerHandle } from './container-handle.js';
import type { LibraryEnvironment } from './environment.js';
import { type BoxExecOptions, readExecOptions } from './exec.js';
import { LibraryNetworks } from './networks.js';
import type { DeriveEngine } from './open-environment.js';
import type { BoxOptions, CreateOptions, DetachedOptions } from './options.js';
import { ownCommand } from './own-command.js';
import { milliseconds, runOptions } from './run-options.js';
import type { EnvironmentOptions, RunningEnvironment } from './running-environment.js';
import { type SpecDefaults, specOf } from './spec.js';
import { Volumes } from './volumes.js';

export interface LibraryEngineParts {
  readonly config?: LoadedConfig;
  /** For environments that have options of drivers. */
  readonly derive?: DeriveEngine;
}

/** The engine as a library: `await using engine = await createEngine()`. */
export class LibraryEngine {
  readonly #engine: Engine;
  readonly #defaults: SpecDefaults;
  readonly #derive: DeriveEngine | undefined;
  /** Of environments that have options of drivers. */
  readonly #derived: Engine[] = [];

  /** @param values defaults of every container */
  constructor(engine: Engine, values: RunSettings, { config, derive }: LibraryEngineParts = {}) {
    this.#engine = engine;
    this.#defaults = { values, ...(config && { config }) };
    this.#derive = derive;
  }

  /** Starts a container; resolves when its command runs. @throws TsboxError; the host is then as it was */
  async run(options: BoxOptions): Promise<Box> {
    return new Box(await this.#engine.run(this.spec(options), runOptions(options)));
  }

  /**
   * Starts the services of an environment, each after what it waits for; resolves when all have been started,
   * and `ready` of what it resolves to when they answer. @throws TsboxError; what was started is taken down again
   */
  async up(environment: ResolvedEnvironment, options: EnvironmentOptions = {}): Promise<RunningEnvironment> {
    const { upEnvironment } = await import('./running-environment.js');
    return upEnvironment(this.#engine, environment, options);
  }

  /** Executes a command in a container that runs, by name or id; resolves when it does. @throws TsboxError */
  async exec(reference: string, options: BoxExecOptions): Promise<Box> {
    const { timeout } = options;
    const command = await this.#engine.exec(reference, {
      ...readExecOptions(options),
      ...(timeout !== undefined && { timeout: milliseconds(timeout) }),
    });
    return new Box(command);
  }

  /** The same with a command that goes on when this process ends, and has no streams. */
  execDetached(reference: string, options: BoxExecOptions): Promise<void> {
    return this.#engine.execDetached(reference, readExecOptions(options));
  }

  /** Makes a container that is not started yet. It stays when this program ends, unlike that of {@link run}. */
  async create(options: DetachedOptions): Promise<ContainerHandle> {
    const { id } = await this.#engine.create(specOf(options, this.#defaults, this.#engine));
    return new ContainerHandle(this.#engine, id);
  }

  /** Starts a container that goes on when this program ends; resolves when its command runs. @throws TsboxError */
  async runDetached(options: DetachedOptions): Promise<ContainerHandle> {
    const { id } = await this.#engine.runWatched(specOf(options, this.#defaults, this.#engine));
    return new ContainerHandle(this.#engine, id);
  }

  /** A container by name, id, or the beginning of an id. @throws TsboxError when there is none */
  async container(reference: string): Promise<ContainerHandle> {
    return new ContainerHandle(this.#engine, findContainer(this.#engine.paths.root, reference));
  }

  /** All containers, the newest first. @param onError is told of each that cannot be read */
  async list(onError: (error: Error, id: string) => void = () => {}): Promise<ContainerSummary[]> {
    return summarizeAll(this.#engine.paths.root, onError);
  }

  /** What happens to containers, networks, volumes and images, whoever does it. */
  events(options?: EventsOptions): AsyncGenerator<EngineEvent> {
    return eventsOf(this.#engine.paths, options);
  }

  /** Calls a function for what happens to the containers that this engine starts: `engine.on('die', ({ name }) => ...)`. */
  on<Name extends keyof LifecycleEvents>(name: Name, listener: LifecycleEvents[Name]): this {
    this.#engine.events.on(name, listener as never);
    return this;
  }

  /** The same, once. */
  once<Name extends keyof LifecycleEvents>(name: Name, listener: LifecycleEvents[Name]): this {
    this.#engine.events.once(name, listener as never);
    return this;
  }

  off<Name extends keyof LifecycleEvents>(name: Name, listener: LifecycleEvents[Name]): this {
    this.#engine.events.off(name, listener as never);
    return this;
  }

  get volumes(): Volumes {
    return new Volumes(this.#engine);
  }

  /** What `run` would do, without doing any of it. */
  plan(options: BoxOptions): Promise<Plan> {
    return this.#engine.plan(this.spec(options));
  }

  /** The merged and checked spec. Containers of the library are removed when they end unless `rm: false`. */
  spec(options: BoxOptions): Spec {
    return specOf(options, { ...this.#defaults, last: { rm: true } }, this.#engine);
  }

  /**
   * An environment of the config that the engine was made with: `dev`, `shop/web`.
   * @throws TsboxError naming file and line of what is wrong there
   */
  async environment(name: string): Promise<LibraryEnvironment> {
    const { openEnvironment } = await import('./open-environment.js');
    const { environment, own } = await openEnvironment(name, this.#defaults, this.#engine, this.#derive);
    if (own) this.#derived.push(own);
    return environment;
  }

  /** Where it keeps its state. */
  get paths(): StatePaths {
    return this.#engine.paths;
  }

  /** Removes a local image, by name or id. @throws TsboxError where there is none, or containers are made of it */
  async removeImage(reference: string, { force = false }: { readonly force?: boolean } = {}): Promise<void> {
    const { removeImageSafely } = await import('../system/remove-image.js');
    await removeImageSafely(this.#engine, reference, force);
  }

  /** Networks as things. */
  get networks(): LibraryNetworks {
    return new LibraryNetworks(this.#engine);
  }

  /** Every driver there is, and whether it works here. */
  drivers() {
    return this.#engine.drivers();
  }

  /** Takes back what engines left that died. */
  gc() {
    return this.#engine.gc();
  }

  /** Kills what still runs and closes what was kept warm. */
  async close(): Promise<void> {
    await Promise.all([this.#engine, ...this.#derived].map((engine) => engine.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Makes an engine out of all plugins that are given. */
export async function assembleEngine(
  options: CreateOptions,
  builtins: readonly PluginSource[],
): Promise<LibraryEngine> {
  const {
    config,
    root,
    runroot,
    plugins = [],
    driverOptions,
    pluginOptions,
    hookTimeout,
    onWarning,
    ...values
  } = options;
  const given = { ...(root && { root }), ...(runroot && { runroot }) };
  const paths = statePaths({ ...config?.paths, ...given }, process.geteuid?.() ?? 0, process.env);
  const command = ownCommand();
  const fromFiles = config?.plugins.map(({ definition, module }) => sourceOf(definition, module)) ?? [];
  const all = [...builtins, ...fromFiles, ...plugins.map((definition) => sourceOf(definition))];
  const engine = (own: DriverOptions = {}) =>
    new Engine({
      ...paths,
      plugins: all,
      driverOptions: mergeOptions(config?.driverOptions, driverOptions, own),
      pluginOptions: mergeOptions(config?.pluginOptions, pluginOptions),
      ...(config && { optionPlaces: config.optionPlaces }),
      ...(command && { command }),
      ...(hookTimeout !== undefined && { hookTimeout }),
      ...(onWarning && { onWarning }),
    });
  const made = engine();
  await made.plugins.check();
  return new LibraryEngine(made, values, { derive: engine, ...(config && { config }) });
}

type DriverOptions = Readonly<Record<string, JsonObject>>;

/** Option by option, the last wins. */
function mergeOptions(...all: readonly (DriverOptions | undefined)[]): Record<string, JsonObject> {
  const merged: Record<string, JsonObject> = {};
  for (const [name, own] of all.flatMap((one) => Object.entries(one ?? {}))) merged[name] = { ...merged[name], ...own };
  return merged;
}
