import { ChildProgram, type SharedChild } from '../program/child-program.js';
import { type EncodedProgram, encode } from '../program/encode.js';
import type { MonitorConfig } from '../program/monitor.js';
import { recordNullDevice } from '../program/null-device.js';
import type { Op } from '../program/op.js';
import { Program } from '../program/program.js';
import type { Child } from './child.js';
import { type BarrierKind, recordClone, recordExec, recordStart } from './engine-ops.js';
import type { KeptPrograms } from './kept-programs.js';
import { type LaunchState, LaunchView } from './launch-state.js';
import { attachesLate, recordKeyOf } from './participants.js';
import type { PluginRegistry } from './registry.js';

export interface ProgramServices {
  readonly registry: PluginRegistry;
  readonly programs: KeptPrograms;
}

export interface ProgramOptions {
  /** A monitor will be the container's parent. */
  readonly watched: boolean;
  readonly nullFds: readonly number[];
  /** Something is done to the child between its clone and its own first op. */
  readonly hasPostClone: boolean;
  /** Runs the handlers that record. */
  record(hook: 'childSetup' | 'preExec'): Promise<void>;
}

/** The child program of one launch: recorded, or that of an earlier launch which was like it. */
export class LaunchProgram {
  readonly shared: SharedChild;
  readonly #program = new Program();
  #barrier: BarrierKind = 'none';
  /** Under what the program is kept once it is encoded. */
  #key: string | undefined;
  /** The program of an earlier launch, with the ids of this one. */
  #kept: EncodedProgram | undefined;

  constructor(
    readonly state: LaunchState,
    readonly services: ProgramServices,
  ) {
    const ownPid = state.spec.namespaces.pid === 'private';
    const { namespaces, host, gate } = state;
    this.shared = {
      program: this.#program,
      arch: gate.arch,
      // Asked while it is recorded: the namespaces are known by then.
      get procMountable() {
        return ownPid || (host.privileged && !namespaces.has('user'));
      },
    };
  }

  /** Everything is prepared by now: what the program depends on is known. */
  async make(options: ProgramOptions): Promise<void> {
    const { watched, nullFds, hasPostClone } = options;
    if (watched || hasPostClone) this.#barrier = this.#attachesLate(watched) ? 'late' : 'loud';
    else if (this.state.duringClone.length > 0) this.#barrier = 'quiet';
    // A monitor's is of one container alone.
    if (!watched) this.#takeKept(nullFds);
    const kept = this.#kept;
    if (!kept) {
      await this.assign();
      await this.#record(options);
    } else if (!this.state.network.awaiting) this.#fill(kept, (offset, bytes) => kept.bytes.set(bytes, offset));
  }

  /** What the network driver leases late, if that is not done: written into the program that the child has. */
  async assign(child?: Pick<Child, 'write'>): Promise<void> {
    const { state } = this;
    const { awaiting } = state.network;
    if (!awaiting) return;
    const { driver, plugin } = state.drivers.network;
    await driver.assign?.(new LaunchView(state, plugin, 'preClone'));
    state.network.awaiting = undefined;
    for (const work of awaiting) await work();
    if (this.#kept && child) this.#fill(this.#kept, (offset, bytes) => child.write(offset, bytes));
  }

  /** The child waits at a barrier for nothing but the work that is done while it is cloned. */
  get waitsForWork(): boolean {
    return this.#barrier === 'quiet' || this.#barrier === 'late';
  }

  /** The program as the launcher takes it. */
  encoded(trace = false, monitor?: MonitorConfig): EncodedProgram {
    if (this.#kept) return this.#kept;
    if (monitor) this.#program.monitor = monitor;
    const program = encode(this.#program, this.state.gate.arch, { trace });
    if (this.#key !== undefined) this.services.programs.keep(this.#key, program, this.state.id);
    return program;
  }

  get ops(): readonly Op[] {
    return this.#kept?.ops ?? this.#program.ops;
  }

  /** A monitor's container waits until it belongs to the monitor; secrets are sent to a child that takes them first. */
  #attachesLate(watched: boolean): boolean {
    const { services, state } = this;
    state.attachesLate = !watched && state.spec.secrets === undefined && attachesLate(services.registry, state);
    return state.attachesLate;
  }

  #takeKept(nullFds: readonly number[]): void {
    const { services, state } = this;
    const recordKey = recordKeyOf(services.registry, state);
    this.#key = services.programs.keyOf(state, { barrier: this.#barrier, nullFds, recordKey });
    if (this.#key !== undefined) this.#kept = services.programs.find(this.#key, state.id);
  }

  /** A program that was kept has the variables of another launch. */
  #fill({ variables }: EncodedProgram, write: (offset: number, bytes: Uint8Array) => void): void {
    if (variables.length === 0) return;
    const { driver, plugin } = this.state.drivers.network;
    const values = driver.variables?.(new LaunchView(this.state, plugin, 'preClone')) ?? {};
    for (const { name, offset } of variables) {
      const bytes = values[name];
      if (!bytes) throw new Error(`${plugin} recorded ${name} as a variable, and does not say what it is`);
      write(offset, bytes);
    }
  }

  async #record({ watched, nullFds, record }: ProgramOptions): Promise<void> {
    recordStart(this.#program, this.state, { watched, barrier: this.#barrier });
    await record('childSetup');
    const own = new ChildProgram(this.shared, { plugin: 'engine', hook: 'childSetup' });
    if (!this.state.spec.tty) recordNullDevice(own.inside, own.root, nullFds);
    await record('preExec');
    recordClone(this.#program, this.state, watched);
    recordExec(this.#program, this.state);
    // What the engine sends to the child is known from its recording only.
    if (this.shared.handOvers) this.#key = undefined;
  }
}
