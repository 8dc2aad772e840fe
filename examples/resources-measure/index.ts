import type { ChildProgram, Launch, ResourceDriver, Running } from 'tsbox/plugin';
import {
  ContainerCgroups,
  cgroupProcesses,
  counterOf,
  definePlugin,
  formatBytes,
  killCgroupsOf,
  oomOutcome,
  REMOVE_CGROUPS,
  readNumber,
  readText,
  undoCgroups,
} from 'tsbox/plugin';

type Identified = { readonly id: string };

/** A cgroup for each container and no limit in it: what the container used is said when it ends. */
class MeasureDriver implements ResourceDriver {
  /** Devices are no limit here: without a device list all of them are allowed. */
  readonly capabilities = { limits: ['devices'] } as const;
  readonly #cgroups = new ContainerCgroups(['cpu', 'memory', 'pids']);

  check() {
    return this.#cgroups.check();
  }

  async prepare(launch: Launch): Promise<void> {
    await this.#cgroups.make(launch);
    launch.facts['resources-measure'] = { directories: this.#cgroups.directories(launch) };
    if (launch.spec.security.privileged || launch.namespaces.has('user')) return;
    launch.warn('the resources driver "measure" has no device list: this container can open any device', 'devices');
  }

  record(child: ChildProgram, launch: Launch): void {
    this.#cgroups.enter(child, launch);
  }

  entrance(container: Identified) {
    return this.#cgroups.entrance(container);
  }

  outcome(launch: Launch) {
    const { oomKilled } = oomOutcome(this.memoryEvents(launch), undefined);
    const most = this.#number(launch, 'memory', 'memory.max_usage_in_bytes', 'memory.peak');
    const used = `it used ${(this.#cpu(launch) / 1e9).toFixed(3)} s of CPU, and at most ${formatBytes(most)} of memory`;
    const explanation = oomKilled ? `${used}; the kernel killed one of its processes: memory ran out` : used;
    launch.facts['resources-measure'] = { cpuNs: this.#cpu(launch), memory: most };
    return { oomKilled, explanation };
  }

  memoryEvents(container: Identified) {
    return this.#cgroups.file(container, 'memory', 'memory.oom_control', 'memory.events');
  }

  stats(container: Running) {
    const cpu = { usageNs: this.#cpu(container), throttledPeriods: 0, throttledNs: 0 };
    const usage = this.#number(container, 'memory', 'memory.usage_in_bytes', 'memory.current');
    const current = this.#number(container, 'pids', 'pids.current', 'pids.current');
    return { cpu, memory: { usage }, pids: { current } };
  }

  processes(container: Running): number[] {
    return [...new Set(this.#cgroups.directories(container).flatMap(cgroupProcesses))];
  }

  killAll(container: Running): Promise<void> {
    return killCgroupsOf(this.#cgroups.directories(container), container);
  }

  dispose(): void {
    this.#cgroups.dispose();
  }

  /** Nanoseconds; v2 has microseconds, even without a controller. */
  #cpu(container: Identified): number {
    const file = this.#cgroups.file(container, 'cpuacct', 'cpuacct.usage', 'cpu.stat');
    return readNumber(file) ?? counterOf(readText(file), 'usage_usec') * 1000;
  }

  #number(container: Identified, controller: string, v1: string, v2: string): number {
    return readNumber(this.#cgroups.file(container, controller, v1, v2)) ?? 0;
  }
}

export default definePlugin({
  name: 'resources-measure',
  apiVersion: 1,
  description: 'Says what a container used; limits nothing',
  drivers: { resources: { measure: () => new MeasureDriver() } },
  undo: { [REMOVE_CGROUPS]: undoCgroups },
});
