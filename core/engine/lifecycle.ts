import type { ExitNotice } from '../kernel/exit-notice.js';
import type { WaitStatus } from '../kernel/gate.js';
import type { ResourceOutcome } from '../plugin/drivers.js';
import { TsboxError } from '../plugin/error.js';
import type { HookContexts, HookName } from '../plugin/plugin.js';
import { ChildProgram, type SharedChild } from '../program/child-program.js';
import { type EncodedProgram, encode } from '../program/encode.js';
import { Program } from '../program/program.js';
import { identify } from '../state/process-identity.js';
import { type ContainerRecord, type ContainerStatus, writeDetails, writeRecord } from '../state/record.js';
import { Child } from './child.js';
import { Container, type Finish } from './container.js';
import { recordClone, recordExec, recordStart } from './engine-ops.js';
import { diedOf } from './failure.js';
import { closeHandedOver, handOvers } from './hand-over.js';
import type { HookBus } from './hook-bus.js';
import { type LaunchState, LaunchView } from './launch-state.js';
import { takeContainer } from './own-steps.js';
import { listing, type PlanEntry } from './plan.js';
import type { PluginRegistry } from './registry.js';
import { detailsOf, recordOf } from './remember.js';
import type { ContainerStdio, StdioOptions } from './stdio.js';
import { undo } from './teardown.js';

export interface LifecycleServices {
  readonly bus: HookBus;
  readonly registry: PluginRegistry;
  readonly notice: ExitNotice;
  /** Descriptor of the sealed launcher. */
  launcher(): number;
}

export interface StartOptions {
  readonly stdio: StdioOptions;
  readonly trace: boolean;
  /** How long the calling thread may wait for the child in one go. */
  readonly patienceMs: number;
}

/** One launch through the steps of the lifecycle, from resolved to running, and back. */
export class Lifecycle {
  readonly #program = new Program();
  readonly #shared: SharedChild;
  #child: Child | undefined;

  constructor(
    readonly state: LaunchState,
    readonly services: LifecycleServices,
  ) {
    const ownPid = state.spec.namespaces.pid === 'private';
    const { namespaces, host, gate } = state;
    this.#shared = {
      program: this.#program,
      arch: gate.arch,
      // Asked while it is recorded: the namespaces are known by then.
      get procMountable() {
        return ownPid || (host.privileged && !namespaces.has('user'));
      },
    };
  }

  /** Steps 1 to 4: everything before the clone, and the whole program. */
  async prepare(): Promise<void> {
    await takeContainer(this.#view('engine', 'prepareRootfs'));
    await this.#run('prepareRootfs');
    await this.#run('preClone');
    recordStart(this.#program, this.state, this.#hasPostClone);
    await this.#run('childSetup');
    await this.#run('preExec');
    recordClone(this.#program, this.state);
    recordExec(this.#program, this.state);
  }

  /** Steps 5 to 7: clone, postClone, go. @returns the running container */
  async start(options: StartOptions): Promise<Container> {
    const { notice, launcher } = this.services;
    const program = this.encoded(options.trace);
    const { stdio, patienceMs } = options;
    const child = new Child(this.state, { stdio, program, launcher: launcher(), notice, patienceMs });
    this.#child = child;
    if (this.#hasPostClone && (await child.atBarrier())) {
      await this.#run('postClone');
      child.go(handOvers(this.#shared, this.state));
      closeHandedOver(this.state);
    }
    const failure = await child.executed();
    if (failure) throw await this.#explained(failure, child);
    const trace = options.trace ? this.listing(child.durations()) : [];
    await this.#run('postStart');
    return this.#container(child, trace);
  }

  /** What a plan shows of the engine's steps while the child waits. */
  async planPostClone(): Promise<void> {
    if (this.#hasPostClone) await this.#run('postClone');
  }

  /** The program as the launcher takes it. */
  encoded(trace = false): EncodedProgram {
    return encode(this.#program, this.state.gate.arch, { trace });
  }

  /** All steps so far and all ops of the program, in the order in which they are executed. */
  listing(durations?: readonly (number | undefined)[]): PlanEntry[] {
    return listing(this.state.steps, this.#program.ops, durations);
  }

  /** Takes everything back after a failure; what fails in that is attached to the error. */
  async undoAll(error: unknown): Promise<unknown> {
    closeHandedOver(this.state);
    const failures: Error[] = [];
    try {
      await this.#child?.end();
    } catch (failure) {
      failures.push(failure as Error);
    }
    failures.push(...(await this.#undo(false)));
    if (error instanceof TsboxError) error.undoErrors = failures;
    return error;
  }

  /** Nobody waits for a child that nothing is done to: the barrier is left out. */
  get #hasPostClone(): boolean {
    return this.services.registry.hasPostClone(this.state);
  }

  /** A child that was killed tells nothing; its signal and its cgroup do. */
  async #explained(failure: TsboxError, child: Child): Promise<TsboxError> {
    if (child.opFailed) return failure;
    const status = await child.end();
    if (!status) return failure;
    const outcome = this.state.drivers.resources.driver.outcome?.(this.#view('engine', 'postStop'), status);
    return diedOf(failure, status, outcome?.oomKilled ?? false);
  }

  #container(child: Child, trace: PlanEntry[]): Container {
    const { id, name, gate } = this.state;
    const pid = this.state.pid as number;
    this.#remember();
    this.#record('running', {
      process: identify(pid),
      owner: identify(process.pid),
      started: new Date().toISOString(),
    });
    const { stdio } = child;
    const finish: Finish = (status) => this.#finish(status, stdio);
    const { notice } = this.services;
    return new Container({ id, name, pid, pidfd: child.release(), gate, notice, trace, stdio, finish });
  }

  async #finish(status: WaitStatus, stdio: ContainerStdio): Promise<Awaited<ReturnType<Finish>>> {
    const { drivers, spec } = this.state;
    const failures: Error[] = [];
    let outcome: ResourceOutcome = { oomKilled: false };
    try {
      outcome = drivers.resources.driver.outcome?.(this.#view('engine', 'postStop'), status) ?? outcome;
      await this.services.bus.run('postStop', (plugin) => ({ launch: this.#view(plugin, 'postStop'), status }));
      const exitCode = status.exitCode ?? 128 + (status.signal ?? 0);
      if (!spec.remove)
        this.#record('exited', { exitCode, oomKilled: outcome.oomKilled, finished: new Date().toISOString() });
    } catch (error) {
      failures.push(error as Error);
    }
    stdio.close();
    failures.push(...(await this.#undo(!spec.remove)));
    return { ...outcome, undoErrors: failures };
  }

  async #undo(keep: boolean): Promise<Error[]> {
    const { journal, gate, host, paths } = this.state;
    if (!journal) return [];
    const { root, runroot } = paths;
    const context = { gate, host, root, runroot, engineLives: true };
    const failures = await undo(journal, this.services.registry, context, keep);
    if (failures.length === 0) journal.close();
    else journal.abandon();
    return failures;
  }

  #record(status: ContainerStatus, more: Partial<ContainerRecord>): void {
    writeRecord(this.state.paths.container, recordOf(this.state, status, more), status === 'exited');
  }

  #remember(): void {
    writeDetails(this.state.paths.container, detailsOf(this.state), false);
  }

  #run(hook: Exclude<HookName, 'postStop'>): Promise<void> {
    return this.services.bus.run(hook, (plugin) => this.#context(hook, plugin) as HookContexts[typeof hook]);
  }

  #context(hook: HookName, plugin: string): object {
    const launch = this.#view(plugin, hook);
    if (hook !== 'childSetup' && hook !== 'preExec') return { launch };
    return { launch, child: new ChildProgram(this.#shared, { plugin, hook }) };
  }

  #view(plugin: string, hook: HookName): LaunchView {
    return new LaunchView(this.state, plugin, hook);
  }
}
