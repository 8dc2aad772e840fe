import { readlinkSync } from 'node:fs';
import { allProcesses, type ProcessInfo, readProcess } from '../kernel/process-table.js';
import { type Held, notSupported } from './held.js';

/**
 * The processes of a container, as the host sees them. They are those of its cgroup; what enters it only to
 * start one (`exec`) and is not in the container's pid namespace is left out.
 * @throws TsboxError where neither a cgroup nor a pid namespace says which they are
 */
export function containerProcesses(held: Held): ProcessInfo[] {
  const { driver, running } = held;
  const first = readProcess(running.pid);
  // It has ended this moment.
  if (!first) return [];
  const isolated = namespaceOf(running.pid) !== namespaceOf('self');
  if (driver.processes) {
    const found = driver.processes(running).flatMap((pid) => readProcess(pid) ?? []);
    return sorted(isolated ? found.filter(({ depth }) => depth >= first.depth) : found);
  }
  if (!isolated)
    throw notSupported(held, 'list the processes of', 'does not know them, and it has the pids of the host');
  return sorted(inNamespace(first, allProcesses()));
}

/** Those whose namespace is that of `first`, and their descendants: they may have made namespaces of their own. */
function inNamespace(first: ProcessInfo, all: readonly ProcessInfo[]): ProcessInfo[] {
  const namespace = namespaceOf(first.pid);
  const inside = new Set(all.filter(({ pid }) => namespaceOf(pid) === namespace).map(({ pid }) => pid));
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]));
  const belongs = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 0 && (inside.has(pid) || belongs(parents.get(pid)));
  return all.filter(({ pid }) => belongs(pid));
}

function sorted(found: ProcessInfo[]): ProcessInfo[] {
  return found.sort((a, b) => a.pid - b.pid);
}

/** `pid:[4026531836]`; undefined where the process is gone. */
function namespaceOf(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}
