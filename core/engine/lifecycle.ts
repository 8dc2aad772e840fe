import type { WaitStatus } from '../kernel/gate.js';
import type { ResourceOutcome } from '../plugin/drivers.js';
import { TsboxError } from '../plugin/error.js';
import type { HookContexts, HookName } from '../plugin/plugin.js';
import { ChildProgram } from '../program/child-program.js';
import type { EncodedProgram } from '../program/encode.js';
import type { MonitorConfig } from '../program/monitor.js';
import type { LauncherSource } from '../program/stage-one.js';
import { identify } from '../state/process-identity.js';
import { type ContainerRecord, type ContainerStatus, writeDetails, writeRecord } from '../state/record.js';
import { Child } from './child.js';
import type { ChildStdio } from './child-stdio.js';
import { doDelayed } from './delayed-work.js';
import { explainFailure, recordFailure } from './explained.js';
import { diedOf } from './failure.js';
import { closeHandedOver, handOvers } from './hand-over.js';
import { LaunchProgram } from './launch-program.js';
import { type LaunchState, LaunchView } from './launch-state.js';
import type { LaunchTrace, PhaseName } from './launch-trace.js';
import { tellCreated } from './lifecycle-events.js';
import type { LifecycleServices } from './lifecycle-services.js';
import { openLog } from './log-streams.js';
import { takeContainer, takeLiveDirectory } from './own-steps.js';
import { hasPostClone } from './participants.js';
import { listing, type PlanEntry } from './plan.js';
import { detailsOf, recordOf } from './remember.js';
import { takeSpecVolumes } from './spec-volumes.js';
import { collect, undo, undoContext } from './teardown.js';

export interface PrepareOptions {
  /** A monitor will be the container's parent. */
  readonly watched?: boolean;
  /** Which of its 0, 1 and 2 will be the host's /dev/null; they become the container's own. */
  readonly nullFds?: readonly number[];
}

export interface SpawnOptions {
  /** How long the calling thread may wait for the child in one go. */
  readonly patienceMs: number;
}

/** One launch through the steps of the lifecycle. What becomes of the child is in foreground.ts and watched.ts. */
export class Lifecycle {
  readonly #program: LaunchProgram;
  #child: Child | undefined;

  constructor(
    readonly state: LaunchState,
    readonly services: LifecycleServices,
  ) {
    this.#program = new LaunchProgram(state, services);
  }

  /** Only what stays: name, directory, rootfs. The container is listed then, and can be started. */
  async create(): Promise<void> {
    this.phase('prepare');
    await takeContainer(this.view('engine', 'prepareRootfs'));
    await takeSpecVolumes(this.view('engine', 'prepareRootfs'));
    await this.run('prepareRootfs');
    this.remember();
    this.record('created', {});
    tellCreated(this.state, this.services.events);
    const [failure] = await this.undo(true);
    if (failure) throw failure;
  }

  /** Steps 1 to 4: everything before the clone, and the whole program. */
  async prepare({ watched = false, nullFds = [] }: PrepareOptions = {}): Promise<void> {
    this.phase('prepare');
    this.state.detached = watched;
    if (!this.state.again) await takeContainer(this.view('engine', 'prepareRootfs'));
    await takeSpecVolumes(this.view('engine', 'prepareRootfs'));
    if (watched) await takeLiveDirectory(this.view('engine', 'prepareRootfs'));
    await this.run('prepareRootfs');
    await this.run('preClone');
    if (watched) await openLog(this.state);
    this.phase('record');
    const { hasPostClone } = this;
    await this.#program.make({ watched, nullFds, hasPostClone, record: (hook) => this.run(hook) });
  }

  /** Step 5: the launcher is started, and with it the child. */
  spawn(stdio: ChildStdio, options: SpawnOptions, monitor?: MonitorConfig): Child {
    const { notice } = this.services;
    const watched = monitor !== undefined;
    this.phase('spawn');
    try {
      const launchers = this.#launchers(monitor);
      const program = this.#program.encoded(this.state.observer?.wantsOps, monitor);
      this.#child = new Child(this.state, { ...options, stdio, program, launchers, notice, watched });
      this.phase('clone');
      return this.#child;
    } catch (error) {
      stdio.destroy();
      throw error;
    }
  }

  /** A monitor is what it is started as; who makes no cgroup leaves the child in those that this process is in now. */
  #launchers(monitor: MonitorConfig | undefined): LauncherSource {
    const { launchers } = this.services;
    return monitor || this.state.drivers.resources.name === 'none' ? launchers.spawned : launchers;
  }

  /** Step 6, for what needs nothing of the child: it is on its way to its barrier. */
  workDuringClone(): Promise<void> {
    return doDelayed(this.state.duringClone, this.services.bus.patienceMs);
  }

  /** What the child waits for at its barrier where that is not {@link letGo}; what it needs later is leased now. */
  async letPass(child: Child): Promise<void> {
    if (this.#program.waitsForWork) child.go([]);
    await this.#program.assign(child);
  }

  /** Step 7: the child, which waits at its barrier, goes on, with what it was promised. */
  letGo(child: Child): void {
    child.go(handOvers(this.#program.shared, this.state));
    closeHandedOver(this.state);
  }

  /** Waits until the child is the command. @throws TsboxError saying why it is not */
  async executed(child: Child): Promise<void> {
    this.phase('execute');
    const failure = await child.executed();
    if (failure) throw await this.#explained(failure, child);
  }

  /** Hands the running command over: from here on no failure of the launch ends it. @returns its pidfd, the caller's now */
  release(child: Child): number {
    this.#child = undefined;
    return child.release();
  }

  /** What a plan shows of the engine's steps while the child waits. */
  async planPostClone(): Promise<void> {
    await this.workDuringClone();
    if (this.hasPostClone) await this.run('postClone');
  }

  /** The program as the launcher takes it. */
  encoded(): EncodedProgram {
    return this.#program.encoded();
  }

  /** All steps so far and all ops of the program, in the order in which they are executed. */
  listing(): PlanEntry[] {
    return listing(this.state.steps, this.#program.ops);
  }

  /** The same with their times, while the child's program can be read; undefined where nobody wants to know. */
  async timeline(): Promise<LaunchTrace | undefined> {
    const { observer } = this.state;
    if (!observer) return undefined;
    const { timelineOf } = await import('./timeline.js');
    return timelineOf(this.state, observer, this.#program.ops, this.#child);
  }

  /** What the engine is busy with from now on. */
  phase(name: PhaseName): void {
    this.state.observer?.phase(name);
  }

  /** Takes everything of this launch back after a failure; what fails in that is attached to the error. */
  async undoAll(error: unknown): Promise<unknown> {
    this.state.over = true;
    closeHandedOver(this.state);
    const said = await explainFailure(error, this.state);
    const failures: Error[] = [];
    await collect(failures, () => this.timeline());
    // A monitor that owned it ends now; nobody else is to find its journal without an owner.
    await collect(failures, () => this.#takeBackJournal());
    await collect(failures, () => this.#child?.end());
    await this.state.madeBy?.settled();
    failures.push(...(await this.undo(false)));
    if (said instanceof TsboxError) said.undoErrors = failures;
    await recordFailure(said, this.state, this.listing());
    return said;
  }

  #takeBackJournal(): void {
    if (this.#child?.monitor) this.state.journal?.giveTo(identify(process.pid));
  }

  /** Nobody waits for a child that nothing is done to: the barrier is left out. */
  get hasPostClone(): boolean {
    // The files of secrets are sent to the child when it waits.
    return hasPostClone(this.services.registry, this.state) || this.state.spec.secrets !== undefined;
  }

  /** A child that was killed tells nothing; its signal and its cgroup do. */
  async #explained(failure: TsboxError, child: Child): Promise<TsboxError> {
    if (child.opFailed) return failure;
    const status = await child.end();
    return status ? diedOf(failure, status, this.outcome(status).oomKilled) : failure;
  }

  /** What the kernel did to it, as the resources driver knows it. */
  outcome(status: WaitStatus): ResourceOutcome {
    const { driver } = this.state.drivers.resources;
    return driver.outcome?.(this.view('engine', 'postStop'), status) ?? { oomKilled: false };
  }

  /** Takes back what is held, newest first. @param keep leaves what belongs to the container rather than to its run */
  async undo(keep: boolean): Promise<Error[]> {
    const { journal } = this.state;
    if (!journal) return [];
    const { registry, launchers, work } = this.services;
    // An idle thread is faster than a messenger.
    const errands = work.isShared ? launchers.errands : undefined;
    const failures = await undo(journal, { registry, context: undoContext(this.state), keep, errands });
    await collect(failures, () => (failures.length === 0 ? journal.close() : journal.giveUp()));
    return failures;
  }

  /** Writes the container's record. */
  record(status: ContainerStatus, more: Partial<ContainerRecord>): void {
    writeRecord(this.state.paths.container, recordOf(this.state, status, more), status !== 'running');
  }

  /** Writes down what a later start and the removal need. */
  remember(): void {
    writeDetails(this.state.paths.container, detailsOf(this.state), false);
  }

  /** Runs the handlers of a hook. */
  run(hook: Exclude<HookName, 'postStop'>): Promise<void> {
    return this.services.bus.run(
      hook,
      (by) => this.#context(hook, by) as HookContexts[typeof hook],
      this.state.observer,
    );
  }

  /** The launch as a plugin sees it in a hook. */
  view(plugin: string, hook: HookName): LaunchView {
    return new LaunchView(this.state, plugin, hook);
  }

  #context(hook: HookName, plugin: string): object {
    const launch = this.view(plugin, hook);
    if (hook !== 'childSetup' && hook !== 'preExec') return { launch };
    return { launch, child: new ChildProgram(this.#program.shared, { plugin, hook }) };
  }
}
