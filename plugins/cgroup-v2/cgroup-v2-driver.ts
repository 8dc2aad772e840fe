import { dirname, join } from 'node:path';
import {
  ALL_LIMITS,
  applyLimits,
  CGROUP_PARENT,
  type CgroupEntrance,
  type CgroupHierarchy,
  type CgroupLayout,
  type ChildProgram,
  cgroupProcesses,
  changedWrites,
  checkLimits,
  deviceRules,
  enforceLimit,
  formatWrite,
  freezeCgroupOf,
  type Host,
  idleWeightWarning,
  isCgroupFrozen,
  killCgroupsOf,
  type Launch,
  makeCgroup,
  notEnforceable,
  oomOutcome,
  REMOVE_CGROUPS,
  type ResourceDriver,
  type ResourceOutcome,
  type ResourceSample,
  type ResourceSpec,
  type ResourceUpdate,
  type Running,
  readMachine,
  removeEmptyCgroups,
  requestedLimits,
  type Support,
  thawCgroupOf,
} from '../../core/plugin/index.js';
import { recordDeviceFilter } from './device-filter.js';
import { baseControllers, enableControllers, hasFile } from './v2-controllers.js';
import { v2Writes } from './v2-limits.js';
import { withRoom } from './v2-reclaim.js';
import { readV2Sample } from './v2-sample.js';
import { v2Support } from './v2-support.js';

/** A launch, or a container that runs. */
type Identified = { readonly id: string };

/**
 * Limits through cgroup v2: one cgroup, `<mount>/tsbox/<id>`, that the container is born into
 * (CLONE_INTO_CGROUP, Linux 5.7). A cgroup namespace of the same clone has it as its root.
 */
export class CgroupV2Driver implements ResourceDriver {
  readonly capabilities = { limits: ALL_LIMITS };
  readonly #host: Host;
  readonly #layout: CgroupLayout;

  constructor(host: Host, layout: CgroupLayout) {
    this.#host = host;
    this.#layout = layout;
  }

  check(): Support {
    return v2Support(this.#host, this.#layout);
  }

  validate(launch: Launch): void {
    this.#check(launch.spec.resources);
    deviceRules(launch);
  }

  async prepare(launch: Launch): Promise<void> {
    const directory = this.#directory(launch);
    const writes = v2Writes(launch.spec.resources);
    const needed = [...new Set([...baseControllers(this.#hierarchy), ...writes.map((write) => write.controller)])];
    await launch.step({
      action: 'mkdir',
      target: directory,
      undo: { kind: REMOVE_CGROUPS, args: { directories: [directory] } },
      run: () => makeCgroup(directory),
    });
    await launch.step({
      action: 'enable',
      target: `controllers ${needed.join(' ')} for ${dirname(directory)}`,
      run: () => enableControllers(this.#hierarchy, dirname(directory), needed),
    });
    for (const write of writes) {
      const target = `${directory}/${write.file} = ${write.value}`;
      await launch.step({ action: 'write', target, run: () => enforceLimit(directory, write) });
    }
    const idle = launch.spec.resources.blkioWeight === undefined ? undefined : idleWeightWarning();
    if (idle !== undefined) launch.warn(idle, '--blkio-weight');
    launch.cgroup = directory;
    launch.facts['cgroup-v2'] = { directories: [directory], limits: writes.map(formatWrite) };
  }

  recordKey(): string {
    return '';
  }

  record(child: ChildProgram, launch: Launch): void {
    const rules = deviceRules(launch);
    if (rules) recordDeviceFilter(child, this.#directory(launch), rules);
  }

  /** The cgroup above all containers' goes with the last engine that has one. */
  dispose(): void {
    const { unified } = this.#layout;
    if (unified) removeEmptyCgroups([join(unified.mountpoint, CGROUP_PARENT)]);
  }

  outcome(launch: Launch): ResourceOutcome {
    return oomOutcome(this.memoryEvents(launch), `${this.#directory(launch)}/memory.max`);
  }

  memoryEvents(container: Identified): string {
    return `${this.#directory(container)}/memory.events`;
  }

  entrance(container: Identified): CgroupEntrance {
    return { cgroup: this.#directory(container), files: [] };
  }

  freeze(container: Running): Promise<void> {
    return freezeCgroupOf(this.#directory(container), container);
  }

  thaw(container: Running): Promise<void> {
    return thawCgroupOf(this.#directory(container), container);
  }

  isFrozen(container: Running): boolean {
    return isCgroupFrozen(this.#directory(container));
  }

  processes(container: Running): number[] {
    return cgroupProcesses(this.#directory(container));
  }

  stats(container: Running): ResourceSample {
    return readV2Sample(this.#directory(container));
  }

  async update(container: Running, resources: ResourceSpec): Promise<ResourceUpdate> {
    this.#check(resources);
    const directory = this.#directory(container);
    const writes = changedWrites(v2Writes(resources), container.resources, resources);
    const needed = [...new Set(writes.map((write) => write.controller))];
    enableControllers(this.#hierarchy, dirname(directory), needed);
    const apply = () => applyLimits(writes.map((write) => ({ directory, write })));
    const memory = writes.find(({ file }) => file === 'memory.max');
    const undo = memory ? withRoom(directory, Number(memory.value), apply) : apply();
    const idle = resources.blkioWeight === container.resources.blkioWeight ? undefined : idleWeightWarning();
    return {
      facts: { ...container.facts, limits: v2Writes(resources).map(formatWrite) },
      warnings: idle === undefined ? [] : [idle],
      undo,
    };
  }

  killAll(container: Running): Promise<void> {
    return killCgroupsOf([this.#directory(container)], container);
  }

  /** @throws TsboxError for limits that are wrong, or that this host cannot enforce */
  #check(resources: ResourceSpec): void {
    if (requestedLimits(resources).length > 0) checkLimits(resources, readMachine());
    for (const { limit, controller } of v2Writes(resources)) {
      if (this.#hierarchy.controllers.includes(controller)) continue;
      throw notEnforceable(
        limit,
        `the cgroup controller "${controller}" is not available`,
        'boot without cgroup_disable, or have it delegated',
        undefined,
        'cgroup-controller-missing',
      );
    }
    if (resources.memorySwap !== undefined && hasFile(this.#hierarchy, 'memory.swap.max') === false) {
      throw notEnforceable(
        'memorySwap',
        'this kernel does not account swap',
        'boot with swapaccount=1, or leave the option out',
      );
    }
  }

  get #hierarchy(): CgroupHierarchy {
    if (!this.#layout.unified) throw new Error('no cgroup v2 hierarchy is mounted');
    return this.#layout.unified;
  }

  #directory({ id }: Identified): string {
    return `${this.#hierarchy.mountpoint}/${CGROUP_PARENT}/${id}`;
  }
}
