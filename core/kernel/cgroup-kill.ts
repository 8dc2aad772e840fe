import { closeSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeCgroupFile } from './cgroup-file.js';
import { hasCode } from './error.js';
import type { Gate } from './gate.js';

const SIGKILL = 9;
const V1_FREEZER = 'freezer.state';

/** Pids of the processes in a cgroup and below it, as this process sees them; none where it is gone. */
export function cgroupProcesses(directory: string): number[] {
  let own: number[] = [];
  ignoringGone(() => {
    const text = readFileSync(`${directory}/cgroup.procs`, 'utf8');
    // 0 stands for a process of another pid namespace, which we can neither name nor kill.
    own = text
      .split('\n')
      .map((line) => Number.parseInt(line, 10))
      .filter((pid) => pid > 0);
  });
  return [...own, ...subdirectories(directory).flatMap(cgroupProcesses)];
}

/**
 * Kills all processes in a container's cgroups, frozen ones too. cgroup.kill (Linux 5.14, v2 hierarchies
 * only) takes even a fork bomb at once; without it the freezer holds forks back while the list is worked
 * off. They leave the cgroup when they have exited, a moment later.
 */
export function killCgroups(directories: readonly string[], gate: Gate): void {
  const killer = directories.map((directory) => `${directory}/cgroup.kill`).find((file) => existsSync(file));
  try {
    if (killer) ignoringGone(() => writeCgroupFile(killer, '1'));
    else killOneByOne(directories, gate);
  } finally {
    // A v1 freezer keeps even killed processes until they are thawed; that of v2 lets them go.
    for (const directory of directories) thawTree(directory);
  }
}

/** Those below a cgroup; none where it is gone. */
export function subdirectories(directory: string): string[] {
  let found: string[] = [];
  ignoringGone(() => {
    const entries = readdirSync(directory, { withFileTypes: true });
    found = entries.filter((entry) => entry.isDirectory()).map((entry) => `${directory}/${entry.name}`);
  });
  return found;
}

function killOneByOne(directories: readonly string[], gate: Gate): void {
  const v1 = directories.map((directory) => `${directory}/${V1_FREEZER}`).find((file) => existsSync(file));
  const v2 = directories.map((directory) => `${directory}/cgroup.freeze`).find((file) => existsSync(file));
  const [freezer, frozen] = v1 ? [v1, 'FROZEN'] : [v2, '1'];
  if (freezer) ignoringGone(() => writeCgroupFile(freezer, frozen));
  for (const directory of directories) for (const pid of cgroupProcesses(directory)) killMember(directory, pid, gate);
}

/** A privileged container may have frozen cgroups of its own below. */
function thawTree(directory: string): void {
  for (const [name, thawed] of [
    [V1_FREEZER, 'THAWED'],
    ['cgroup.freeze', '0'],
  ] as const) {
    const file = `${directory}/${name}`;
    if (existsSync(file)) ignoringGone(() => writeCgroupFile(file, thawed));
  }
  subdirectories(directory).forEach(thawTree);
}

/** The number may have been reused since it was read: membership is checked again once a pidfd pins it. */
function killMember(directory: string, pid: number, gate: Gate): void {
  ignoringGone(() => {
    const pidfd = gate.call('pidfd_open', pid, 0);
    try {
      if (cgroupProcesses(directory).includes(pid)) gate.call('pidfd_send_signal', pidfd, SIGKILL, null, 0);
    } finally {
      closeSync(pidfd);
    }
  });
}

function ignoringGone(action: () => void): void {
  try {
    action();
  } catch (error) {
    // ENODEV: the cgroup is dying; ESRCH: the process is gone.
    if (!hasCode(error, 'ENOENT', 'ENODEV', 'ESRCH')) throw error;
  }
}
