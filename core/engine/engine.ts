import 'reflect-metadata';
import { closeSync } from 'node:fs';
import { container as rootContainer } from 'tsyringe';
import { ExitNotice } from '../kernel/exit-notice.js';
import type { Gate } from '../kernel/gate.js';
import { type Host, readHost } from '../kernel/host.js';
import { LibcGate } from '../kernel/libc-gate.js';
import { createSealedExecutable } from '../kernel/memfd.js';
import type { DriverTypes } from '../plugin/drivers.js';
import type { JsonObject } from '../plugin/launch.js';
import type { UndoContext } from '../plugin/plugin.js';
import type { PluginSource } from '../plugin/source.js';
import type { DriverKind, Spec } from '../plugin/spec.js';
import type { Support } from '../plugin/support.js';
import { GATE, HOST, STATE_PATHS, type StatePaths } from '../plugin/tokens.js';
import * as images from '../program/launcher/images.js';
import type { Container } from './container.js';
import { collectGarbage, type GcReport } from './gc.js';
import { HookBus } from './hook-bus.js';
import { Lifecycle } from './lifecycle.js';
import { enginePlugin } from './own-undo.js';
import type { Plan, PlanEntry } from './plan.js';
import { PluginRegistry } from './registry.js';
import { removeContainer } from './remove.js';
import { resolveLaunch } from './resolve.js';
import type { StdioOptions } from './stdio.js';

export interface EngineOptions extends StatePaths {
  /** All plugins, in their order. */
  readonly plugins: readonly PluginSource[];
  /** Options of drivers, by driver name. */
  readonly driverOptions?: Readonly<Record<string, JsonObject>>;
  /** How long a hook's handler may take, in milliseconds; default ten minutes. */
  readonly hookTimeout?: number;
  /** Something is not as asked, and goes on all the same. Default: nobody is told. */
  readonly onWarning?: (message: string) => void;
}

export interface RunOptions {
  /** Default `pipe`. */
  readonly stdio?: StdioOptions;
  /** Keep the time of every step and op. */
  readonly trace?: boolean;
  /** Kills the container. */
  readonly signal?: AbortSignal;
  /** Kills the container after so many milliseconds. */
  readonly timeout?: number;
  /**
   * For a caller with nothing else to do: how many milliseconds its thread may wait for the child in
   * one go before the event loop takes over. Default 0: it is never blocked.
   */
  readonly patienceMs?: number;
}

export interface DriverInfo {
  readonly kind: DriverKind;
  readonly name: string;
  readonly plugin: string;
  readonly support: Support;
}

const TEN_MINUTES = 600_000;
const KINDS: readonly DriverKind[] = ['storage', 'network', 'resources', 'userns'];

/**
 * The core lifecycle. An instance keeps warm what launches share: drivers, sockets, the sealed
 * launcher. Any number of containers at once; nothing of the embedding process is changed.
 */
export class Engine {
  readonly gate: Gate = new LibcGate();
  readonly host: Host = readHost();
  readonly #options: EngineOptions;
  readonly #bus: HookBus;
  readonly #registry: PluginRegistry;
  readonly #notice = new ExitNotice(this.gate);
  readonly #running = new Set<Container>();
  #launcher: number | undefined;
  #swept: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#bus = new HookBus(options.hookTimeout ?? TEN_MINUTES);
    // The composition root: what drivers' factories can ask for.
    const container = rootContainer.createChildContainer();
    container.register(GATE, { useValue: this.gate });
    container.register(HOST, { useValue: this.host });
    container.register(STATE_PATHS, { useValue: { root: options.root, runroot: options.runroot } });
    const own: PluginSource = { name: 'engine', load: async () => enginePlugin };
    this.#registry = new PluginRegistry([own, ...options.plugins], container, this.#bus, options.driverOptions ?? {});
  }

  /** Starts a container. Resolves when its command runs. @throws TsboxError; the host is then as it was */
  async run(spec: Spec, options: RunOptions = {}): Promise<Container> {
    options.signal?.throwIfAborted();
    this.#swept ??= this.#sweep();
    await this.#swept;
    const lifecycle = await this.#resolve(spec, false);
    let container: Container;
    try {
      await lifecycle.prepare();
      options.signal?.throwIfAborted();
      const { stdio = 'pipe', trace = false, patienceMs = 0 } = options;
      container = await lifecycle.start({ stdio, trace, patienceMs });
    } catch (error) {
      throw await lifecycle.undoAll(error);
    }
    this.#watch(container, options);
    return container;
  }

  /** What `run` would do, without doing any of it. */
  async plan(spec: Spec): Promise<Plan> {
    const lifecycle = await this.#resolve(spec, true);
    await lifecycle.prepare();
    await lifecycle.planPostClone();
    return { entries: lifecycle.listing(), program: lifecycle.encoded() };
  }

  /** Every driver there is, and whether it works on this host. */
  async drivers(): Promise<DriverInfo[]> {
    const infos: DriverInfo[] = [];
    for (const kind of KINDS) {
      for (const name of this.#registry.names(kind)) {
        const { plugin, driver } = await this.#registry.driver(kind, name);
        infos.push({ kind, name, plugin, support: driver.check() });
      }
    }
    return infos;
  }

  /** Takes back what engines left that died. What drivers share between launches goes when this one is closed. */
  async gc(): Promise<GcReport> {
    const report = await collectGarbage(this.#registry, this.undoContext);
    await this.drivers();
    return report;
  }

  /** Removes a container that has ended, by name, id or beginning of an id. @returns its id */
  remove(reference: string): Promise<string> {
    return removeContainer(reference, this.#registry, this.undoContext);
  }

  /** Where state is kept. */
  get paths(): StatePaths {
    const { root, runroot } = this.#options;
    return { root, runroot };
  }

  /** What undo functions of plugins are called with. */
  get undoContext(): UndoContext {
    return { gate: this.gate, host: this.host, ...this.paths };
  }

  /** A driver by name, for what is done to a container later: its details say which it has. @throws TsboxError */
  async driver<Kind extends DriverKind>(kind: Kind, name: string): Promise<DriverTypes[Kind]> {
    return (await this.#registry.driver(kind, name)).driver;
  }

  /** Kills what still runs, waits for it, and closes what was kept warm. */
  async close(): Promise<void> {
    await Promise.all([...this.#running].map((container) => container[Symbol.asyncDispose]()));
    await this.#registry.dispose();
    if (this.#launcher !== undefined) closeSync(this.#launcher);
    this.#launcher = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Before the first start: what dead engines left is in the way of addresses and names. Never a reason to fail. */
  async #sweep(): Promise<void> {
    const { failures } = await collectGarbage(this.#registry, this.undoContext);
    const [first] = failures;
    if (first) this.#options.onWarning?.(`what an earlier tsbox left could not be taken back: ${first.message}`);
  }

  async #resolve(spec: Spec, planning: boolean): Promise<Lifecycle> {
    const { root, runroot, onWarning = () => {} } = this.#options;
    const { gate, host } = this;
    const registry = this.#registry;
    const state = await resolveLaunch(spec, { registry, gate, host, paths: { root, runroot }, planning, onWarning });
    const launcher = () => this.#sealedLauncher();
    return new Lifecycle(state, { bus: this.#bus, registry, notice: this.#notice, launcher });
  }

  #watch(container: Container, options: RunOptions): void {
    this.#running.add(container);
    const abort = () => container.kill();
    options.signal?.addEventListener('abort', abort, { once: true });
    if (options.signal?.aborted) abort();
    const timer = options.timeout === undefined ? undefined : setTimeout(() => container.expire(), options.timeout);
    void container.wait().then(() => {
      this.#running.delete(container);
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', abort);
    });
  }

  /** Made once per engine: a memfd, sealed, opened read-only. */
  #sealedLauncher(): number {
    this.#launcher ??= createSealedExecutable(
      this.gate,
      'tsbox-launcher',
      Buffer.from(images[this.gate.arch], 'base64'),
    );
    return this.#launcher;
  }
}

export type { Plan, PlanEntry };
