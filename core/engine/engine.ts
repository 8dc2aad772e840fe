import { ExitNotice } from '../kernel/exit-notice.js';
import type { Gate } from '../kernel/gate.js';
import { type Host, readHost } from '../kernel/host.js';
import { LibcGate } from '../kernel/libc-gate.js';
import type { DriverTypes } from '../plugin/drivers.js';
import type { UndoContext } from '../plugin/plugin.js';
import type { DriverKind, Spec } from '../plugin/spec.js';
import type { StatePaths } from '../plugin/tokens.js';
import { Launchers } from '../program/launchers.js';
import { withContainerLock } from '../state/container-lock.js';
import { EventsFile } from '../state/events.js';
import { containerDirectory } from '../state/record.js';
import { composeRegistry, listDrivers } from './compose.js';
import type { Container } from './container.js';
import type { DriverInfo, EngineOptions, RunOptions, StartAgainOptions, WatchOptions } from './engine-options.js';
import { type ExecOptions, execDetached, execInContainer } from './exec.js';
import type { ExecSpec } from './exec-launch.js';
import type { EntryServices } from './exec-start.js';
import { refuseLaunch } from './explained.js';
import { collectGarbage, type GcReport, settleRun } from './gc.js';
import { HookBus } from './hook-bus.js';
import { KeptPrograms } from './kept-programs.js';
import { Lifecycle } from './lifecycle.js';
import { LifecycleEmitter } from './lifecycle-events.js';
import { LiveContainers } from './live-containers.js';
import type { Plan } from './plan.js';
import { Plugins } from './plugins.js';
import type { PluginRegistry } from './registry.js';
import { type RemoveOptions, removeContainer } from './remove.js';
import { type ResolveContext, resolveLaunch } from './resolve.js';
import { createContainer, runForeground, runWatched, type StartServices, startAgain } from './starts.js';
import type { WatchedContainer } from './watched.js';
import { WorkInHand } from './work-in-hand.js';

const TEN_MINUTES = 600_000;

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
  readonly #live = new LiveContainers();
  readonly #programs = new KeptPrograms();
  /** What happens to the containers that this engine starts. */
  readonly events: LifecycleEmitter;
  readonly #launchers = new Launchers(this.gate, this.#notice);
  readonly #work = new WorkInHand();
  #swept: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.events = new LifecycleEmitter(new EventsFile({ gate: this.gate, runroot: options.runroot }));
    this.#bus = new HookBus(options.hookTimeout ?? TEN_MINUTES);
    this.#registry = composeRegistry(options, this.gate, this.host, this.#bus);
  }

  /** The plugins from outside: their commands, and what they show of themselves. */
  get plugins(): Plugins {
    return new Plugins(this.#registry, { gate: this.gate, host: this.host, paths: this.paths });
  }

  /** Starts a container. Resolves when its command runs. @throws TsboxError; the host is then as it was */
  async run(spec: Spec, options: RunOptions = {}): Promise<Container> {
    options.signal?.throwIfAborted();
    await this.#sweepOnce();
    const container = await runForeground(this.#starts, spec, options);
    const { timeout = spec.timeout } = options;
    this.#live.watch(container, { ...options, ...(timeout !== undefined && { timeout }) });
    return container;
  }

  /** Makes a container that {@link startAgain} starts. @returns its id and name */
  async create(spec: Spec): Promise<{ readonly id: string; readonly name: string }> {
    await this.#sweepOnce();
    return createContainer(this.#starts, spec);
  }

  /**
   * Starts a container that outlives this process: its monitor watches it. Resolves when its command runs.
   * @throws TsboxError; the host is then as it was
   */
  async runWatched(spec: Spec, options: WatchOptions = {}): Promise<WatchedContainer> {
    await this.#sweepOnce();
    return runWatched(this.#starts, spec, options);
  }

  /**
   * Starts a container that was made or has ended, by its id; the caller holds its lock, see {@link locked}.
   * @throws TsboxError; the container stays, and remembers why
   */
  async startAgain(id: string, options: StartAgainOptions = {}): Promise<WatchedContainer> {
    await this.#sweepOnce();
    return startAgain(this.#starts, id, options);
  }

  /** Executes a command in a container that runs, by name or id; resolves when it does. @throws TsboxError */
  async exec(reference: string, options: ExecOptions): Promise<Container> {
    const command = await execInContainer(reference, options, this.#entries);
    this.#live.watch(command, options);
    return command;
  }

  /** The same with a command that goes on when this process ends, and has no streams. */
  execDetached(reference: string, asked: ExecSpec): Promise<void> {
    return execDetached(reference, asked, this.#entries);
  }

  /** One operation at a time on a container. Not reentrant. @throws TsboxError when it is gone */
  async locked<Result>(id: string, act: () => Promise<Result>): Promise<Result> {
    return withContainerLock(this.gate, containerDirectory(this.paths.root, id), act);
  }

  /**
   * Takes note of the end of a container's last run, and takes back what that left. The caller holds its
   * lock and knows that the run is over. @throws TsboxError when something could not be taken back
   */
  async settle(id: string): Promise<void> {
    const [failure] = await settleRun(id, this.#registry, this.undoContext);
    if (failure) throw failure;
  }

  /** What `run` would do, without doing any of it. */
  async plan(spec: Spec): Promise<Plan> {
    const lifecycle = await this.#resolve(spec, { planning: true });
    await lifecycle.prepare();
    await lifecycle.planPostClone();
    const entries = lifecycle.listing();
    const strangers = this.#registry.sources.flatMap(({ name, definition }) => (definition ? name : []));
    const oci = async () => {
      const { formatOci, ociConfig } = await import('../oci/index.js');
      return formatOci(ociConfig({ state: lifecycle.state, entries, strangers }));
    };
    return { entries, program: lifecycle.encoded(), oci };
  }

  /** Every driver there is, and whether it works on this host. */
  drivers(): Promise<DriverInfo[]> {
    return listDrivers(this.#registry);
  }

  /** Takes back what engines left that died. What drivers share between launches goes when this one is closed. */
  async gc(): Promise<GcReport> {
    const report = await collectGarbage(this.#registry, this.undoContext, true);
    await this.drivers();
    return report;
  }

  /** Removes a container that has ended, by name, id or beginning of an id. @returns its id */
  remove(reference: string, options: RemoveOptions = {}): Promise<string> {
    return removeContainer(reference, this.#registry, this.undoContext, options);
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

  /** Names of all drivers of a kind; none is loaded. */
  driverNames(kind: DriverKind): string[] {
    return this.#registry.names(kind);
  }

  /** A driver by name, for what is done to a container later: its details say which it has. @throws TsboxError */
  async driver<Kind extends DriverKind>(kind: Kind, name: string): Promise<DriverTypes[Kind]> {
    return (await this.#registry.driver(kind, name)).driver;
  }

  /** Kills what still runs, waits for it, and closes what was kept warm. */
  async close(): Promise<void> {
    await this.#live.end();
    try {
      await this.#registry.dispose();
    } finally {
      this.#launchers.close();
      this.#notice.close();
      this.events.file.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  get #entries(): EntryServices {
    const { gate, host, paths } = this;
    const { onWarning = () => {} } = this.#options;
    return { gate, host, paths, onWarning, registry: this.#registry, bus: this.#bus, notice: this.#notice };
  }

  get #starts(): StartServices {
    const resolve: StartServices['resolve'] = (spec, how) => this.#resolve(spec, { outlives: true, ...how });
    const { command } = this.#options;
    return { paths: this.paths, command, events: this.events, work: this.#work, resolve };
  }

  #sweepOnce(): Promise<void> {
    this.#swept ??= this.#sweep();
    return this.#swept;
  }

  /** Before the first start: what dead engines left is in the way of addresses and names. Never a reason to fail. */
  async #sweep(): Promise<void> {
    const pass = collectGarbage(this.#registry, this.undoContext, false);
    const { failures } = await pass.catch((error: Error) => ({ failures: [error] }));
    const [first] = failures;
    if (first) this.#options.onWarning?.(`what an earlier tsbox left could not be taken back: ${first.message}`);
  }

  async #resolve(spec: Spec, how: Partial<ResolveContext> = {}): Promise<Lifecycle> {
    const { root, runroot, onWarning = () => {} } = this.#options;
    const { gate, host } = this;
    const registry = this.#registry;
    const paths = { root, runroot };
    const errands = () => this.#launchers.errands;
    const context = { registry, gate, host, paths, planning: false, outlives: false, errands, onWarning, ...how };
    const state = await resolveLaunch(spec, context).catch((error) => refuseLaunch(error, spec, context));
    return new Lifecycle(state, {
      bus: this.#bus,
      registry,
      notice: this.#notice,
      events: this.events,
      programs: this.#programs,
      launchers: this.#launchers,
      work: this.#work,
    });
  }
}
