import { join } from 'node:path';
import {
  ALL_LIMITS,
  applyLimits,
  CGROUP_PARENT,
  type CgroupEntrance,
  type CgroupHierarchy,
  type CgroupLayout,
  type ChildProgram,
  CLONE_NEWCGROUP,
  cgroupProcesses,
  changedWrites,
  checkLimits,
  deviceRules,
  enforceLimit,
  findController,
  formatDeviceRule,
  formatWrite,
  freezeCgroupOf,
  type Host,
  idleWeightWarning,
  isCgroupFrozen,
  killCgroupsOf,
  type Launch,
  type LimitWrite,
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
  readCgroupFile,
  readMachine,
  removeEmptyCgroups,
  requestedLimits,
  type Support,
  thawCgroupOf,
  writeCgroupFile,
} from '../../core/plugin/index.js';
import { initializeCpuset } from './v1-cpuset.js';
import { endWithEngine, leftToLauncher, makeAhead, openTasks, recordCgroups } from './v1-launcher.js';
import { inMemoryOrder, SWAP_FILE, v1Writes } from './v1-limits.js';
import { directoriesOf, directoryOf, freezerOf, type Identified, placeOf } from './v1-places.js';
import { readV1Sample } from './v1-sample.js';
import { controllerMissing, hasAtRoot, hasWeights, v1Support } from './v1-support.js';

/**
 * Limits through cgroup v1: one cgroup in every mounted hierarchy, named ones and the v2 hierarchy of
 * a hybrid host included. A process in some of them only would escape the limits, or the kill, of others.
 */
export class CgroupV1Driver implements ResourceDriver {
  readonly capabilities = { limits: ALL_LIMITS };
  readonly #host: Host;
  readonly #layout: CgroupLayout;
  #support: Support | undefined;

  constructor(host: Host, layout: CgroupLayout) {
    this.#host = host;
    this.#layout = layout;
  }

  /** Asked at each launch; hierarchies that could be written to are taken as they were. */
  check(): Support {
    if (!this.#support?.works) this.#support = v1Support(this.#host, this.#layout);
    return this.#support;
  }

  validate(launch: Launch): void {
    const { resources } = launch.spec;
    this.#check(resources);
    deviceRules(launch);
  }

  async prepare(launch: Launch): Promise<void> {
    const { hierarchies, unified } = this.#layout;
    const directories = directoriesOf(this.#layout, launch);
    const writes = v1Writes(launch.spec.resources);
    const left = leftToLauncher(this.#layout, launch, writes);
    const own = hierarchies.filter((one) => !left.includes(one));
    await launch.step({
      action: 'mkdir',
      target: `${hierarchies.map((one) => one.mountpoint).join(' ')} : ${CGROUP_PARENT}/${launch.id}`,
      undo: { kind: REMOVE_CGROUPS, args: { directories } },
      run: () => {
        if (left.length > 0) makeAhead(launch, { layout: this.#layout, hierarchies: left, rules: deviceRules(launch) });
        this.#make(own, launch);
      },
    });
    const isOwn = (controller: string) => own.some(({ controllers }) => controllers.includes(controller));
    for (const write of writes) if (isOwn(write.controller)) await this.#write(launch, write);
    // Nothing is in it before the child's first op behind the barrier.
    if (isOwn('devices')) launch.duringClone(() => this.#limitDevices(launch));
    if (unified) launch.cgroup = directoryOf(unified, launch);
    const idle = launch.spec.resources.blkioWeight === undefined ? undefined : idleWeightWarning();
    if (idle !== undefined) launch.warn(idle, '--blkio-weight');
    launch.facts['cgroup-v1'] = { directories, limits: writes.map(formatWrite) };
  }

  /** The hierarchies are those that the driver was made with; the numbers of devices are the host's at this moment. */
  recordKey(launch: Launch): string {
    const { devices } = launch.spec.resources;
    return `${launch.mayDefer} ${devices.length > 0 ? deviceRules(launch)?.map(formatDeviceRule) : ''}`;
  }

  /**
   * The container's first process enters by itself: "0" in `tasks` moves the calling thread alone, for
   * which the kernel needs no lock over all threads of the machine (Linux 5.5). Stage one opens the
   * files, with the host's ids, and stays out: it would count against the pids limit while it clones,
   * and as a monitor would share the container's fate. Into the v2 hierarchy the process is born.
   */
  record(child: ChildProgram, launch: Launch): void {
    const layout = this.#layout;
    const writes = v1Writes(launch.spec.resources);
    const left = leftToLauncher(layout, launch, writes);
    // Or it could make a cgroup after another tsbox has taken the launch back. Its child knows by the barrier.
    if (left.length > 0) endWithEngine(child);
    const entered = layout.hierarchies.filter((one) => one.version === 1);
    const files = entered.map((one) => openTasks(child, one, launch, left.includes(one)));
    recordCgroups(child, launch, { layout, hierarchies: left, writes, rules: deviceRules(launch) });
    for (const [index, file] of files.entries()) {
      const note = `enter ${directoryOf(entered[index] as CgroupHierarchy, launch)}`;
      child.outside.call('write', [file, '0', 1], { note });
      child.outside.call('close', [file]);
    }
    // The clone's namespace has the engine's v1 cgroups as its roots; this one has the container's.
    if (launch.namespaces.has('cgroup')) child.outside.call('unshare', [CLONE_NEWCGROUP], { note: 'cgroup namespace' });
  }

  /** The cgroup above all containers' goes with the last engine that has one. */
  dispose(): void {
    removeEmptyCgroups(this.#layout.hierarchies.map(({ mountpoint }) => join(mountpoint, CGROUP_PARENT)));
  }

  outcome(launch: Launch): ResourceOutcome {
    const memory = placeOf(this.#layout, 'memory', launch);
    return oomOutcome(this.memoryEvents(launch), memory && `${memory}/memory.limit_in_bytes`);
  }

  memoryEvents(container: Identified): string | undefined {
    const memory = placeOf(this.#layout, 'memory', container);
    return memory && `${memory}/memory.oom_control`;
  }

  /** Writing "0" into `cgroup.procs` of the v2 hierarchy would wait for all threads of the machine: 14 ms. */
  entrance(container: Identified): CgroupEntrance {
    const { hierarchies, unified } = this.#layout;
    const v1 = hierarchies.filter((one) => one.version === 1);
    const files = v1.map((one) => `${directoryOf(one, container)}/tasks`);
    return unified ? { cgroup: directoryOf(unified, container), files } : { files };
  }

  freeze(container: Running): Promise<void> {
    return freezeCgroupOf(freezerOf(this.#layout, container), container);
  }

  thaw(container: Running): Promise<void> {
    return thawCgroupOf(freezerOf(this.#layout, container), container);
  }

  isFrozen(container: Running): boolean {
    return isCgroupFrozen(freezerOf(this.#layout, container));
  }

  processes(container: Running): number[] {
    // All of them are in every hierarchy; what is in some only has just come, or escaped.
    return [...new Set(directoriesOf(this.#layout, container).flatMap(cgroupProcesses))];
  }

  stats(container: Running): ResourceSample {
    return readV1Sample((controller, file) => {
      const directory = placeOf(this.#layout, controller, container);
      return directory && `${directory}/${file}`;
    });
  }

  async update(container: Running, resources: ResourceSpec): Promise<ResourceUpdate> {
    this.#check(resources);
    const writes = changedWrites(v1Writes(resources), container.resources, resources).map((write) => {
      this.#checkWrite(write);
      return { write, directory: placeOf(this.#layout, write.controller, container) as string };
    });
    const undo = applyLimits(inMemoryOrder(writes));
    const idle = resources.blkioWeight === container.resources.blkioWeight ? undefined : idleWeightWarning();
    return {
      facts: { ...container.facts, limits: v1Writes(resources).map(formatWrite) },
      warnings: idle === undefined ? [] : [idle],
      undo,
    };
  }

  killAll(container: Running): Promise<void> {
    return killCgroupsOf(directoriesOf(this.#layout, container), container);
  }

  /** @throws TsboxError for limits that are wrong, or that this host cannot enforce */
  #check(resources: ResourceSpec): void {
    if (requestedLimits(resources).length > 0) checkLimits(resources, readMachine());
    for (const write of v1Writes(resources)) this.#checkWrite(write);
  }

  #make(hierarchies: readonly CgroupHierarchy[], launch: Launch): void {
    for (const hierarchy of hierarchies) makeCgroup(directoryOf(hierarchy, launch));
    const cpuset = findController(this.#layout, 'cpuset');
    if (cpuset) initializeCpuset(directoryOf(cpuset, launch), cpuset.mountpoint);
  }

  #checkWrite({ limit, controller, file, optional }: LimitWrite): void {
    if (!findController(this.#layout, controller)) {
      throw controllerMissing(limit, controller);
    }
    if (file === SWAP_FILE && !optional && !hasAtRoot(this.#layout, controller, file)) {
      throw notEnforceable(
        limit,
        'this kernel does not account swap',
        'boot with swapaccount=1, or leave the option out',
      );
    }
    if (limit === 'blkioWeight' && !hasWeights(this.#layout)) {
      throw notEnforceable(limit, 'this kernel has no I/O scheduler with weights', 'leave the option out');
    }
  }

  async #write(launch: Launch, write: LimitWrite): Promise<void> {
    const directory = placeOf(this.#layout, write.controller, launch) as string;
    const target = `${directory}/${write.file} = ${write.value}`;
    await launch.step({ action: 'write', target, run: () => enforceLimit(directory, write) });
  }

  async #limitDevices(launch: Launch): Promise<void> {
    const rules = deviceRules(launch)?.map(formatDeviceRule);
    // A new cgroup allows what its parent does: all.
    if (!rules) return;
    const directory = placeOf(this.#layout, 'devices', launch) as string;
    const run = () => {
      writeCgroupFile(`${directory}/devices.deny`, 'a');
      writeCgroupFile(`${directory}/devices.allow`, ...rules);
      const found = readCgroupFile(`${directory}/devices.list`);
      if (/^a /m.test(found)) throw new Error('the kernel still allows all devices');
    };
    await launch.step({ action: 'write', target: `${directory}/devices.allow = ${rules.join(', ')}`, run });
  }
}
