import { dirname, join } from 'node:path';
import {
  ALL_LIMITS,
  CGROUP_PARENT,
  type CgroupHierarchy,
  type CgroupLayout,
  type ChildProgram,
  checkLimits,
  deviceRules,
  enforceLimit,
  type Host,
  type Launch,
  makeCgroup,
  notEnforceable,
  oomOutcome,
  REMOVE_CGROUPS,
  type ResourceDriver,
  type ResourceOutcome,
  readMachine,
  removeEmptyCgroups,
  requestedLimits,
  type Support,
  warnOfIdleWeight,
} from '../../core/plugin/index.js';
import { recordDeviceFilter } from './device-filter.js';
import { BASE_CONTROLLERS, enableControllers, hasFile } from './v2-controllers.js';
import { v2Writes } from './v2-limits.js';
import { v2Support } from './v2-support.js';

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
    const { resources } = launch.spec;
    if (requestedLimits(resources).length > 0) checkLimits(resources, readMachine());
    for (const { limit, controller } of v2Writes(launch.spec.resources)) {
      if (this.#hierarchy.controllers.includes(controller)) continue;
      throw notEnforceable(
        limit,
        `the cgroup controller "${controller}" is not available`,
        'boot without cgroup_disable, or have it delegated',
      );
    }
    if (resources.memorySwap !== undefined && hasFile(this.#hierarchy, 'memory.swap.max') === false) {
      throw notEnforceable(
        'memorySwap',
        'this kernel does not account swap',
        'boot with swapaccount=1, or leave the option out',
      );
    }
    deviceRules(launch);
  }

  async prepare(launch: Launch): Promise<void> {
    const directory = this.#directory(launch);
    const writes = v2Writes(launch.spec.resources);
    const needed = [...new Set([...BASE_CONTROLLERS, ...writes.map((write) => write.controller)])];
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
    if (launch.spec.resources.blkioWeight !== undefined) warnOfIdleWeight(launch);
    launch.cgroup = directory;
    launch.facts['cgroup-v2'] = {
      directories: [directory],
      limits: writes.map(({ file, value }) => `${file}=${value}`),
    };
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
    return oomOutcome(launch, `${this.#directory(launch)}/memory.events`);
  }

  get #hierarchy(): CgroupHierarchy {
    if (!this.#layout.unified) throw new Error('no cgroup v2 hierarchy is mounted');
    return this.#layout.unified;
  }

  #directory(launch: Launch): string {
    return `${this.#hierarchy.mountpoint}/${CGROUP_PARENT}/${launch.id}`;
  }
}
