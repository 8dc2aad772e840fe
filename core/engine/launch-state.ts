import { join } from 'node:path';
import type { Gate } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import type { DriverTypes } from '../plugin/drivers.js';
import type { ResolvedImage } from '../plugin/image.js';
import type {
  Command,
  IdMaps,
  JsonObject,
  Launch,
  LaunchNetwork,
  LaunchPaths,
  NamespaceName,
  Step,
} from '../plugin/launch.js';
import type { LogStreams } from '../plugin/log-driver.js';
import type { HookName } from '../plugin/plugin.js';
import type { ChosenKind, DriverKind, Spec } from '../plugin/spec.js';
import type { AheadItem } from '../program/ahead.js';
import type { Errands } from '../program/errands.js';
import { makeOwnDirectory } from '../state/container-directory.js';
import type { Journal, JournalEntry } from '../state/journal.js';
import { isKept } from '../state/journal-file.js';
import type { DegradedRequest } from '../state/record.js';
import { type DelayedWork, delayed } from './delayed-work.js';
import type { LaunchObserver } from './observer.js';
import type { PlanEntry } from './plan.js';
import { stepFailed, tooLate, withoutUndo } from './step-failure.js';

/** A driver that was chosen for a launch, and whose it is. */
export interface ChosenDriver<Kind extends DriverKind = DriverKind> {
  readonly name: string;
  readonly plugin: string;
  readonly driver: DriverTypes[Kind];
}

export type ChosenDrivers = { readonly [Kind in ChosenKind]: ChosenDriver<Kind> } & {
  readonly [Kind in 'image' | 'log']?: ChosenDriver<Kind>;
};

/** Everything about one launch; plugins see it through {@link LaunchView}. */
export interface LaunchState {
  readonly id: string;
  /** Given or generated; a generated one that is taken is replaced. */
  name: string;
  /** The container was made before: it starts again. */
  readonly again: boolean;
  /** Set when it is prepared. */
  detached?: boolean;
  /** What earlier launches of it acquired for as long as it stays, newest first. */
  readonly kept: readonly JournalEntry[];
  readonly spec: Spec;
  readonly image: ResolvedImage;
  readonly command: Command;
  readonly hostname: string;
  readonly gate: Gate;
  readonly host: Host;
  readonly paths: LaunchPaths;
  readonly drivers: ChosenDrivers;
  /** Undefined while a plan is made. */
  readonly journal: Journal | undefined;
  readonly namespaces: Set<NamespaceName>;
  readonly network: LaunchNetwork;
  readonly facts: Record<string, JsonObject>;
  readonly steps: PlanEntry[];
  readonly warnings: string[];
  readonly degraded: DegradedRequest[];
  /** ISO 8601. */
  readonly created: string;
  readonly trees: Set<string>;
  readonly volumes: Map<string, string>;
  /** The container ends with its engine, and nobody from outside looks at what is made for it before it is cloned. */
  mayDefer?: boolean;
  /** Who makes what is needed beside this thread, if there is anybody. */
  readonly errands?: () => Errands | undefined;
  /** Who was asked to: when it is done all of it can be taken back. */
  madeBy?: Errands;
  /** The network driver attaches while the child is at work. */
  attachesLate?: boolean;
  /** What the engine does while the child is being cloned. */
  readonly duringClone: DelayedWork[];
  /** Descriptors for the waiting child, by the name under which it takes them; closed once sent. */
  readonly handedOver: Map<string, number>;
  readonly onWarning: (message: string) => void;
  idMaps: IdMaps | undefined;
  cgroup: string | undefined;
  rootfs: string | undefined;
  pid: number | undefined;
  /** Sees it, where somebody wants to know. */
  readonly observer?: LaunchObserver;
  /** Whether a plugin can take such a step back. */
  readonly canUndo?: (plugin: string, kind: string) => boolean;
  /** The launch has failed, and is being undone or was. */
  over?: boolean;
  /** Where a log driver lets the output go; they are ours to close. */
  logStreams?: LogStreams | undefined;
}

/** A launch as one plugin sees it in one hook: what it does carries its name. */
export class LaunchView implements Launch {
  constructor(
    readonly state: LaunchState,
    readonly plugin: string,
    readonly hook: HookName | 'resolve',
  ) {}

  get id() {
    return this.state.id;
  }
  get shortId() {
    return this.state.id.slice(0, 12);
  }
  get name() {
    return this.state.name;
  }
  get again() {
    return this.state.again;
  }
  get entering(): Launch['entering'] {
    return undefined;
  }
  get detached() {
    return this.state.detached ?? false;
  }
  get mayDefer() {
    return this.state.mayDefer ?? false;
  }
  get spec() {
    return this.state.spec;
  }
  get image() {
    return this.state.image;
  }
  get command() {
    return this.state.command;
  }
  get hostname() {
    return this.state.hostname;
  }
  get gate() {
    return this.state.gate;
  }
  get host() {
    return this.state.host;
  }
  get paths() {
    return this.state.paths;
  }
  get planning() {
    return this.state.journal === undefined;
  }
  get namespaces() {
    return this.state.namespaces;
  }
  get network() {
    return this.state.network;
  }
  get facts() {
    return this.state.facts;
  }
  get volumes() {
    return this.state.volumes;
  }
  get trees() {
    return this.state.trees;
  }
  get idMaps() {
    return this.state.idMaps;
  }
  set idMaps(maps) {
    this.state.idMaps = maps;
  }
  get cgroup() {
    return this.state.cgroup;
  }
  set cgroup(path) {
    this.state.cgroup = path;
  }
  get rootfs() {
    return this.state.rootfs;
  }
  set rootfs(path) {
    this.state.rootfs = path;
  }

  get pid(): number {
    if (this.planning) return 0;
    if (this.state.pid === undefined) throw new Error('the container has no process before the clone');
    return this.state.pid;
  }

  async step<T>(step: Step<T>): Promise<T> {
    const { plugin, hook } = this;
    const { action, target, undo, keep } = step;
    if (this.state.over) throw tooLate(plugin, action, target);
    if (undo && this.state.canUndo?.(plugin, undo.kind) === false) throw withoutUndo(plugin, action, target, undo.kind);
    const entry: PlanEntry = { where: 'engine', plugin, hook, action, target };
    this.state.steps.push(entry);
    const { journal, observer } = this.state;
    if (!journal) return step.dry?.() as T;
    if (undo && !(keep && isKept(this.state.kept, { plugin, ...undo })))
      journal.acquire({ plugin, ...undo, ...(keep && { keep }) });
    const start = process.hrtime.bigint();
    try {
      return await (observer ? observer.step(entry, () => step.run()) : step.run());
    } catch (error) {
      throw stepFailed(error, entry);
    } finally {
      entry.durationNs = Number(process.hrtime.bigint() - start);
    }
  }

  async directories<const Names extends readonly string[]>(
    ...names: Names
  ): Promise<{ [Name in Names[number]]: string }> {
    const made: Record<string, string> = {};
    for (const name of names) {
      const path = join(this.paths.container, name);
      // No undo of their own: they go with the container's directory.
      await this.step({ action: 'mkdir', target: path, run: () => makeOwnDirectory(path, this) });
      made[name] = path;
    }
    return made as { [Name in Names[number]]: string };
  }

  duringClone(work: () => void | Promise<void>): void | Promise<void> {
    if (this.hook === 'prepareRootfs' && !this.mayDefer) return work();
    this.state.duringClone.push(delayed(this.plugin, this.hook, work));
  }

  makeAhead(items: readonly AheadItem[]): void {
    const errands = this.state.errands?.();
    if (!this.mayDefer || !errands || items.length === 0) return;
    this.state.madeBy = errands;
    errands.make(items);
  }

  handOver(name: string, fd: number): void {
    if (this.state.handedOver.has(name))
      throw new Error(`a descriptor ${JSON.stringify(name)} was already handed over`);
    this.state.handedOver.set(name, fd);
  }

  warn(message: string, request?: string): void {
    this.state.warnings.push(message);
    if (request !== undefined) this.state.degraded.push({ request, reason: message });
    this.state.onWarning(message);
  }
}
