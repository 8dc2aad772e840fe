import { closeSync, mkdirSync } from 'node:fs';
import type { ExitNotice } from '../kernel/exit-notice.js';
import type { WaitStatus } from '../kernel/gate.js';
import { TsboxError } from '../plugin/error.js';
import type { HookContexts, HookName } from '../plugin/plugin.js';
import { ChildProgram, type SharedChild } from '../program/child-program.js';
import { type EncodedProgram, encode } from '../program/encode.js';
import { Program } from '../program/program.js';
import { ProgramSession } from '../program/session.js';
import { identify } from '../state/process-identity.js';
import { writeRecord } from '../state/record.js';
import { releaseName, takeName } from '../state/names.js';
import { Container, type Finish } from './container.js';
import { recordClone, recordExec, recordStart } from './engine-ops.js';
import { diedOf, programFailure } from './failure.js';
import type { HookBus } from './hook-bus.js';
import { type LaunchState, LaunchView } from './launch-state.js';
import { describeOp, isListed, type PlanEntry } from './plan.js';
import type { PluginRegistry } from './registry.js';
import { ContainerStdio, type StdioOptions } from './stdio.js';
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
}

/** One launch through the steps of the lifecycle, from resolved to running, and back. */
export class Lifecycle {
  readonly #program = new Program();
  readonly #shared: SharedChild;
  #session: ProgramSession | undefined;
  #stdio: ContainerStdio | undefined;
  #pidfd: number | undefined;

  constructor(
    readonly state: LaunchState,
    readonly services: LifecycleServices,
  ) {
    const ownPid = state.spec.namespaces.pid === 'private';
    this.#shared = { program: this.#program, arch: state.gate.arch, procMountable: ownPid || state.host.privileged };
  }

  /** Steps 1 to 4: everything before the clone, and the whole program. */
  async prepare(): Promise<void> {
    await this.#takeContainer();
    await this.#run('prepareRootfs');
    await this.#run('preClone');
    recordStart(this.#program, this.state);
    await this.#run('childSetup');
    await this.#run('preExec');
    recordClone(this.#program, this.state);
    recordExec(this.#program, this.state);
  }

  /** Steps 5 to 7: clone, postClone, go. @returns the running container */
  async start(options: StartOptions): Promise<Container> {
    const { state } = this;
    this.#stdio = new ContainerStdio(state.gate, options.stdio, state.spec.tty);
    if (this.#stdio.ttySocket !== undefined) state.extraFds.unshift(this.#stdio.ttySocket);
    const encoded = encode(this.#program, state.gate.arch, { trace: options.trace });
    const session = this.#spawn(encoded);
    const waiting = await session.atBarrier();
    const pid = session.state().child;
    if (pid > 0) {
      state.pid = pid;
      this.#pidfd = state.gate.call('pidfd_open', pid, 0);
    }
    if (!waiting) throw await this.#failed(encoded);
    await this.#run('postClone');
    session.go();
    await session.executed;
    const failure = programFailure(session, state.command.argv, encoded.ops);
    if (failure) throw await this.#failed(encoded);
    this.#stdio.takeTerminal();
    const trace = options.trace ? this.listing(session.durations()) : [];
    session.close();
    this.#session = undefined;
    return this.#running(trace);
  }

  /** All steps so far and all ops of the program, in the order in which they are executed. */
  listing(durations?: readonly (number | undefined)[]): PlanEntry[] {
    const before = this.state.steps.filter((step) => step.hook !== 'postClone');
    const after = this.state.steps.filter((step) => step.hook === 'postClone');
    const ops = this.#program.ops
      .map((op, index) => ({ op, entry: { ...describeOp(op), ...timed(durations?.[index]) } }))
      .filter(({ op }) => isListed(op));
    const where = (place: PlanEntry['where']) => ops.map(({ entry }) => entry).filter((entry) => entry.where === place);
    return [...before, ...where('launcher'), ...after, ...where('child')];
  }

  /** Hooks of the child's side in a plan: they need no child. */
  async planPostClone(): Promise<void> {
    await this.#run('postClone');
  }

  /** Takes everything back after a failure; what fails in that is attached to the error. */
  async undoAll(error: unknown): Promise<unknown> {
    await this.#endChild();
    const failures = await this.#undo(false);
    if (error instanceof TsboxError) error.undoErrors = failures;
    return error;
  }

  /** The container's own directory and name. */
  async #takeContainer(): Promise<void> {
    const { state } = this;
    const { root, container } = state.paths;
    const { id, name } = state;
    const launch = new LaunchView(state, 'engine', 'prepareRootfs');
    await launch.keptStep({
      action: 'name',
      target: name,
      undo: { kind: 'name', args: { name, id } },
      run: () => takeName(root, name, id),
    });
    await launch.keptStep({
      action: 'mkdir',
      target: container,
      undo: { kind: 'containerDirectory', args: { path: container } },
      run: () => void mkdirSync(container, { recursive: true, mode: 0o711 }),
    });
  }

  #spawn(program: EncodedProgram): ProgramSession {
    const { state } = this;
    const stdio = this.#stdio as ContainerStdio;
    this.#session = new ProgramSession({
      gate: state.gate,
      launcher: this.services.launcher(),
      program,
      stdio: stdio.childFds,
      extra: state.extraFds,
    });
    stdio.started();
    return this.#session;
  }

  async #failed(encoded: EncodedProgram): Promise<TsboxError> {
    const session = this.#session as ProgramSession;
    const error = programFailure(session, this.state.command.argv, encoded.ops);
    if (!error) throw new Error('the launcher ended and left no reason');
    const status = await this.#endChild();
    if (!status || session.state().failed) return error;
    const outcome = this.state.drivers.resources.driver.outcome?.(this.#view('engine', 'postStop'), status);
    return diedOf(error, status, outcome?.oomKilled ?? false);
  }

  /** Kills and reaps what was cloned; after this nothing runs that the undo could pull away from. */
  async #endChild(): Promise<WaitStatus | undefined> {
    this.#session?.abandon();
    this.#stdio?.destroy();
    const pidfd = this.#pidfd;
    if (pidfd === undefined) return undefined;
    this.#pidfd = undefined;
    this.state.gate.call('pidfd_send_signal', pidfd, 9, null, 0);
    const status = await new Promise<WaitStatus>((resolve) => this.services.notice.watch(pidfd, resolve));
    closeSync(pidfd);
    return status;
  }

  async #running(trace: PlanEntry[]): Promise<Container> {
    const { state } = this;
    const pid = state.pid as number;
    this.#record('running', { process: identify(pid) });
    await this.#run('postStart');
    const { id, name, gate } = state;
    const parts = { id, name, pid, pidfd: this.#pidfd as number, gate, notice: this.services.notice, trace };
    return new Container({ ...parts, stdio: this.#stdio as ContainerStdio, finish: this.#finish });
  }

  readonly #finish: Finish = async (status) => {
    const { state } = this;
    const resources = state.drivers.resources.driver;
    const outcome = resources.outcome?.(this.#view('engine', 'postStop'), status) ?? { oomKilled: false };
    const failures: Error[] = [];
    try {
      await this.services.bus.run('postStop', (plugin) => ({ launch: this.#view(plugin, 'postStop'), status }));
    } catch (error) {
      failures.push(error as Error);
    }
    if (!state.spec.remove) this.#record('exited', { exitCode: status.exitCode ?? 128 + (status.signal ?? 0), oomKilled: outcome.oomKilled });
    this.#stdio?.close();
    failures.push(...(await this.#undo(!state.spec.remove)));
    return { ...outcome, undoErrors: failures };
  };

  async #undo(keep: boolean): Promise<Error[]> {
    const { journal, gate, host, paths } = this.state;
    this.#session?.close();
    this.#session = undefined;
    if (!journal) return [];
    const { root, runroot } = paths;
    const failures = await undo(journal, this.services.registry, { gate, host, root, runroot }, keep);
    if (failures.length === 0) journal.close();
    else journal.abandon();
    return failures;
  }

  #record(status: 'running' | 'exited', more: Partial<Parameters<typeof writeRecord>[1]>): void {
    const { id, name, spec, command, facts, paths } = this.state;
    const created = new Date().toISOString();
    const record = { version: 1 as const, id, name, image: spec.image, command: command.argv, created, facts, status, ...more };
    writeRecord(paths.container, record, status === 'exited');
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

function timed(durationNs: number | undefined): { durationNs?: number } {
  return durationNs === undefined ? {} : { durationNs };
}
