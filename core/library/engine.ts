import { availableParallelism } from 'node:os';
import { durationInMilliseconds } from '../config/parse/duration.js';
import { resolveSpec } from '../config/resolve-spec.js';
import type { RunSettings } from '../config/run-options.js';
import { type EventsOptions, eventsOf } from '../containers/events.js';
import { type ContainerSummary, summarizeAll } from '../containers/summary.js';
import { Engine, type LaunchTrace, type LifecycleEvents, type Plan, type StdioOptions } from '../engine/index.js';
import type { ResolvedEnvironment } from '../environments/types.js';
import { TsboxError } from '../plugin/error.js';
import type { JsonObject } from '../plugin/launch.js';
import type { PluginDefinition } from '../plugin/plugin.js';
import { type PluginSource, sourceOf } from '../plugin/source.js';
import type { Spec } from '../plugin/spec.js';
import type { EngineEvent } from '../state/events.js';
import { findContainer } from '../state/find.js';
import { statePaths } from '../state/paths.js';
import { Box } from './box.js';
import { ContainerHandle } from './container-handle.js';
import { type BoxExecOptions, readExecOptions } from './exec.js';
import { LibraryNetworks } from './networks.js';
import { ownCommand } from './own-command.js';
import type { EnvironmentOptions, RunningEnvironment } from './running-environment.js';
import { Volumes } from './volumes.js';

/** Defaults for every container of the engine, and where it keeps its state. */
export interface CreateOptions extends RunSettings {
  readonly root?: string;
  readonly runroot?: string;
  /** Plugins beside the built-in ones, after them in every hook. */
  readonly plugins?: readonly PluginDefinition[];
  /** Options of plugins, by the name of the plugin. */
  readonly pluginOptions?: Readonly<Record<string, JsonObject>>;
  /** Options of drivers, by the name of the driver: nearer than those of its plugin. */
  readonly driverOptions?: Readonly<Record<string, JsonObject>>;
  readonly hookTimeout?: number;
  readonly onWarning?: (message: string) => void;
}

/** One container, with the names and value forms of the command line: `memory: '256m'`. */
export interface BoxOptions extends Omit<RunSettings, 'timeout' | 'trace'> {
  readonly image: string;
  readonly command?: readonly string[];
  /** Default `pipe`: the streams are in `stdin`, `stdout`, `stderr`. */
  readonly stdio?: StdioOptions;
  readonly trace?: boolean;
  /** Gets the trace when the command runs, or when the launch has failed. */
  readonly onTrace?: (trace: LaunchTrace) => void;
  /** Kills the container. */
  readonly signal?: AbortSignal;
  /** Kills the container when it is over: `10s`, or milliseconds. */
  readonly timeout?: string | number;
  /**
   * For a program with nothing else to do: how many milliseconds the thread may wait for the child in
   * one go, before the event loop takes over. Default 0: it is never blocked.
   */
  readonly patienceMs?: number;
}

/** A container that goes on without this program; it is kept when it ends, unless `rm: true`. */
export interface DetachedOptions extends RunSettings {
  readonly image: string;
  readonly command?: readonly string[];
}

/** The engine as a library: `await using engine = await createEngine()`. */
export class LibraryEngine {
  readonly #engine: Engine;
  readonly #defaults: RunSettings;

  constructor(engine: Engine, defaults: RunSettings) {
    this.#engine = engine;
    this.#defaults = defaults;
  }

  /** Starts a container; resolves when its command runs. @throws TsboxError; the host is then as it was */
  async run(options: BoxOptions): Promise<Box> {
    const { stdio = 'pipe', trace = false, onTrace, signal, timeout, patienceMs = 0 } = options;
    const container = await this.#engine.run(this.spec(options), {
      stdio,
      trace,
      patienceMs,
      ...(onTrace && { onTrace }),
      ...(signal && { signal }),
      ...(timeout !== undefined && { timeout: milliseconds(timeout) }),
    });
    return new Box(container);
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
    const { id } = await this.#engine.create(this.#detachedSpec(options));
    return new ContainerHandle(this.#engine, id);
  }

  /** Starts a container that goes on when this program ends; resolves when its command runs. @throws TsboxError */
  async runDetached(options: DetachedOptions): Promise<ContainerHandle> {
    const { id } = await this.#engine.runWatched(this.#detachedSpec(options));
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

  #detachedSpec({ image, command = [], ...settings }: DetachedOptions): Spec {
    return this.#resolve(image, command, { ...this.#defaults, ...settings });
  }

  /** What `run` would do, without doing any of it. */
  plan(options: BoxOptions): Promise<Plan> {
    return this.#engine.plan(this.spec(options));
  }

  /** The merged and checked spec. Containers of the library are removed when they end unless `rm: false`. */
  spec(options: BoxOptions): Spec {
    const {
      image,
      command = [],
      stdio: _,
      trace: __,
      onTrace: ______,
      signal: ___,
      timeout: ____,
      patienceMs: _____,
      ...settings
    } = options;
    return this.#resolve(image, command, { rm: true, ...this.#defaults, ...settings });
  }

  #resolve(image: string, command: readonly string[], values: RunSettings): Spec {
    const directory = process.cwd();
    const host = { privileged: this.#engine.host.privileged, cpus: availableParallelism(), environment: process.env };
    return resolveSpec({ image, command, layers: [{ kind: 'library', directory, values }] }, host);
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
  close(): Promise<void> {
    return this.#engine.close();
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
  const { root, runroot, plugins = [], driverOptions, pluginOptions, hookTimeout, onWarning, ...defaults } = options;
  const paths = statePaths(
    { ...(root && { root }), ...(runroot && { runroot }) },
    process.geteuid?.() ?? 0,
    process.env,
  );
  const command = ownCommand();
  const engine = new Engine({
    ...paths,
    plugins: [...builtins, ...plugins.map((definition) => sourceOf(definition))],
    ...(driverOptions && { driverOptions }),
    ...(pluginOptions && { pluginOptions }),
    ...(command && { command }),
    ...(hookTimeout !== undefined && { hookTimeout }),
    ...(onWarning && { onWarning }),
  });
  await engine.plugins.check();
  return new LibraryEngine(engine, defaults);
}

function milliseconds(timeout: string | number): number {
  const value = typeof timeout === 'number' ? timeout : durationInMilliseconds(timeout);
  if (value !== undefined && value >= 0) return value;
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: `invalid value ${JSON.stringify(timeout)} for timeout`,
    why: 'it is not a duration',
    fix: "timeout: '10s'",
  });
}
