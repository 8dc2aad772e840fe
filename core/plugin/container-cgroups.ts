import { type CgroupHierarchy, findController, readCgroupLayout } from '../kernel/cgroup.js';
import { writeCgroupFile } from '../kernel/cgroup-file.js';
import { makeCgroup, removeEmptyCgroups, writeObstacle } from '../kernel/cgroup-tree.js';
import { O_CLOEXEC, O_WRONLY } from '../kernel/fcntl.js';
import { AT_FDCWD } from '../kernel/mount.js';
import { CLONE_NEWCGROUP } from '../kernel/sched.js';
import type { ChildProgram } from '../program/child-program.js';
import { CGROUP_PARENT, REMOVE_CGROUPS } from './cgroup-undo.js';
import type { Launch } from './launch.js';
import type { CgroupEntrance } from './running.js';
import { type Support, unsupported, WORKS } from './support.js';

type Identified = { readonly id: string };

/**
 * The cgroups of containers in every hierarchy that counts, v1 or v2, for a resources driver of any purpose.
 * Its plugin has {@link undoCgroups} as the undo REMOVE_CGROUPS.
 */
export class ContainerCgroups {
  readonly #layout = readCgroupLayout();
  readonly #hierarchies: readonly CgroupHierarchy[];

  /** @param controllers those that are needed, by their names in v2; cpuacct comes with cpu */
  constructor(readonly controllers: readonly string[]) {
    const wanted = controllers.includes('cpu') ? [...controllers, 'cpuacct'] : controllers;
    // A new cpuset has no CPU yet, and nothing can enter it.
    this.#hierarchies = this.#layout.hierarchies.filter(
      (one) =>
        one.version === 2 || (wanted.some((name) => one.controllers.includes(name)) && !hasController(one, 'cpuset')),
    );
  }

  check(): Support {
    const [first] = this.#hierarchies;
    if (!first) return unsupported('no cgroup hierarchy is mounted', 'mount -t cgroup2 none /sys/fs/cgroup');
    const obstacle = writeObstacle(first.mountpoint);
    return obstacle === undefined ? WORKS : unsupported(obstacle, 'run tsbox as root, or use --resources=none');
  }

  directories({ id }: Identified): string[] {
    return this.#hierarchies.map(({ mountpoint }) => `${mountpoint}/${CGROUP_PARENT}/${id}`);
  }

  /** A file of the container's cgroup, by the version that has its controller; undefined where none has. */
  file({ id }: Identified, controller: string, v1: string, v2: string): string | undefined {
    const place = findController(this.#layout, controller);
    const hierarchy = place ?? this.#layout.unified;
    return hierarchy && `${hierarchy.mountpoint}/${CGROUP_PARENT}/${id}/${place ? v1 : v2}`;
  }

  /** For `prepare`. */
  async make(launch: Launch): Promise<void> {
    const directories = this.directories(launch);
    const undo = { kind: REMOVE_CGROUPS, args: { directories } };
    const run = () => {
      for (const directory of directories) makeCgroup(directory);
      this.#enable();
    };
    await launch.step({ action: 'mkdir', target: directories.join(' '), undo, run });
    launch.cgroup = this.entrance(launch).cgroup;
  }

  /** For `record`: into the v2 hierarchy a process is born; "0" in `tasks` moves the thread that writes it. */
  enter(child: ChildProgram, launch: Launch): void {
    const files = this.entrance(launch).files.map((file) =>
      child.launcher.callTo('tasks', 'openat', [AT_FDCWD, file, O_WRONLY | O_CLOEXEC, 0]),
    );
    for (const file of files) {
      child.outside.call('write', [file, '0', 1], { note: 'enter the cgroup' });
      child.outside.call('close', [file]);
    }
    if (launch.namespaces.has('cgroup')) child.outside.call('unshare', [CLONE_NEWCGROUP], { note: 'cgroup namespace' });
  }

  entrance({ id }: Identified): CgroupEntrance {
    const { unified } = this.#layout;
    const cgroup = unified && `${unified.mountpoint}/${CGROUP_PARENT}/${id}`;
    const v1 = this.directories({ id }).filter((directory) => directory !== cgroup);
    return { files: v1.map((directory) => `${directory}/tasks`), ...(cgroup !== undefined && { cgroup }) };
  }

  /** The cgroup above all containers' goes with the last engine that has one. */
  dispose(): void {
    removeEmptyCgroups(this.#hierarchies.map(({ mountpoint }) => `${mountpoint}/${CGROUP_PARENT}`));
  }

  /** Of v2, top down; what v1 has cannot be had there. */
  #enable(): void {
    const { unified } = this.#layout;
    const enabled = this.controllers.filter((name) => unified && hasController(unified, name));
    if (!unified || enabled.length === 0) return;
    for (const directory of [unified.mountpoint, `${unified.mountpoint}/${CGROUP_PARENT}`]) {
      writeCgroupFile(`${directory}/cgroup.subtree_control`, enabled.map((name) => `+${name}`).join(' '));
    }
  }
}

function hasController({ controllers }: CgroupHierarchy, name: string): boolean {
  return controllers.includes(name);
}
