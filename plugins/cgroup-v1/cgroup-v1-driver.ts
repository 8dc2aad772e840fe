import { join } from 'node:path';
import {
  ALL_LIMITS,
  AT_FDCWD,
  CGROUP_PARENT,
  type CgroupHierarchy,
  type CgroupLayout,
  type ChildProgram,
  CLONE_NEWCGROUP,
  checkLimits,
  deviceRules,
  enforceLimit,
  findController,
  formatDeviceRule,
  type Host,
  type Launch,
  type LimitWrite,
  makeCgroup,
  notEnforceable,
  O_CLOEXEC,
  O_WRONLY,
  oomOutcome,
  REMOVE_CGROUPS,
  type ResourceDriver,
  type ResourceOutcome,
  readCgroupFile,
  readMachine,
  removeEmptyCgroups,
  requestedLimits,
  type Support,
  warnOfIdleWeight,
  writeCgroupFile,
} from '../../core/plugin/index.js';
import { initializeCpuset } from './v1-cpuset.js';
import { SWAP_FILE, v1Writes } from './v1-limits.js';
import { hasAtRoot, hasWeights, v1Support } from './v1-support.js';

/**
 * Limits through cgroup v1: one cgroup in every mounted hierarchy, named ones and the v2 hierarchy of
 * a hybrid host included. A process in some of them only would escape the limits, or the kill, of others.
 */
export class CgroupV1Driver implements ResourceDriver {
  readonly capabilities = { limits: ALL_LIMITS };
  readonly #host: Host;
  readonly #layout: CgroupLayout;

  constructor(host: Host, layout: CgroupLayout) {
    this.#host = host;
    this.#layout = layout;
  }

  check(): Support {
    return v1Support(this.#host, this.#layout);
  }

  validate(launch: Launch): void {
    const { resources } = launch.spec;
    if (requestedLimits(resources).length > 0) checkLimits(resources, readMachine());
    for (const write of v1Writes(launch.spec.resources)) this.#checkWrite(write);
    deviceRules(launch);
  }

  async prepare(launch: Launch): Promise<void> {
    const { hierarchies, unified } = this.#layout;
    const directories = hierarchies.map((one) => directoryOf(one, launch));
    await launch.step({
      action: 'mkdir',
      target: `${hierarchies.map((one) => one.mountpoint).join(' ')} : ${CGROUP_PARENT}/${launch.id}`,
      undo: { kind: REMOVE_CGROUPS, args: { directories } },
      run: () => this.#make(launch),
    });
    const writes = v1Writes(launch.spec.resources);
    for (const write of writes) await this.#write(launch, write);
    await this.#limitDevices(launch);
    if (unified) launch.cgroup = directoryOf(unified, launch);
    if (launch.spec.resources.blkioWeight !== undefined) warnOfIdleWeight(launch);
    launch.facts['cgroup-v1'] = { directories, limits: writes.map(({ file, value }) => `${file}=${value}`) };
  }

  /**
   * The container's first process enters by itself: "0" in `tasks` moves the calling thread alone, for
   * which the kernel needs no lock over all threads of the machine (Linux 5.5). Stage one opens the
   * files, with the host's ids, and stays out: it would count against the pids limit while it clones,
   * and as a monitor would share the container's fate. Into the v2 hierarchy the process is born.
   */
  record(child: ChildProgram, launch: Launch): void {
    const entered = this.#layout.hierarchies.filter((one) => one.version === 1).map((one) => directoryOf(one, launch));
    const flags = O_WRONLY | O_CLOEXEC;
    const files = entered.map((directory) =>
      child.launcher.callTo('tasks', 'openat', [AT_FDCWD, `${directory}/tasks`, flags, 0]),
    );
    for (const [index, file] of files.entries()) {
      child.outside.call('write', [file, '0', 1], { note: `enter ${entered[index]}` });
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
    const memory = findController(this.#layout, 'memory');
    return oomOutcome(launch, memory && `${directoryOf(memory, launch)}/memory.oom_control`);
  }

  #make(launch: Launch): void {
    for (const hierarchy of this.#layout.hierarchies) makeCgroup(directoryOf(hierarchy, launch));
    const cpuset = findController(this.#layout, 'cpuset');
    if (cpuset) initializeCpuset(directoryOf(cpuset, launch), cpuset.mountpoint);
  }

  #checkWrite({ limit, controller, file, optional }: LimitWrite): void {
    if (!findController(this.#layout, controller)) {
      throw notEnforceable(limit, `the cgroup controller "${controller}" is not mounted`, [
        `mount it: mount -t cgroup -o ${controller} none DIRECTORY`,
        'or boot without cgroup_disable, if the kernel has it',
      ]);
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
    const directory = directoryOf(findController(this.#layout, write.controller) as CgroupHierarchy, launch);
    const target = `${directory}/${write.file} = ${write.value}`;
    await launch.step({ action: 'write', target, run: () => enforceLimit(directory, write) });
  }

  async #limitDevices(launch: Launch): Promise<void> {
    const rules = deviceRules(launch)?.map(formatDeviceRule);
    // A new cgroup allows what its parent does: all.
    if (!rules) return;
    const directory = directoryOf(findController(this.#layout, 'devices') as CgroupHierarchy, launch);
    const run = () => {
      writeCgroupFile(`${directory}/devices.deny`, 'a');
      writeCgroupFile(`${directory}/devices.allow`, ...rules);
      const found = readCgroupFile(`${directory}/devices.list`);
      if (/^a /m.test(found)) throw new Error('the kernel still allows all devices');
    };
    await launch.step({ action: 'write', target: `${directory}/devices.allow = ${rules.join(', ')}`, run });
  }
}

function directoryOf(hierarchy: CgroupHierarchy, launch: Launch): string {
  return `${hierarchy.mountpoint}/${CGROUP_PARENT}/${launch.id}`;
}
