import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readCgroupFile } from '../kernel/cgroup-tree.js';
import { hasCode } from '../kernel/error.js';
import type { ResourceOutcome } from './drivers.js';
import type { Launch } from './launch.js';
import { formatBytes } from './limits.js';

const NOT_KILLED: ResourceOutcome = { oomKilled: false };

/**
 * Reads the counter `oom_kill` (memory.oom_control since Linux 4.13, memory.events in v2). Any killed
 * process counts: a shell that outlives its child hides the signal from the exit status.
 * @param file undefined where the memory controller is not there
 */
export function oomOutcome(launch: Launch, file: string | undefined): ResourceOutcome {
  const killed = file === undefined ? 0 : readCounter(file);
  if (killed === 0) return NOT_KILLED;
  const { memory } = launch.spec.resources;
  const who = killed === 1 ? 'a process' : `${killed} processes`;
  const explanation =
    memory === undefined
      ? `out of memory: the kernel killed ${who} of the container, which has no memory limit; the machine ran out`
      : `out of memory: the kernel killed ${who} of the container, which reached its memory limit of ${formatBytes(memory)}`;
  return { oomKilled: true, explanation };
}

/** Weights are kept by I/O schedulers, and take effect on disks that use one. */
export function warnOfIdleWeight(launch: Launch): void {
  const disks = existsSync('/sys/block') ? readdirSync('/sys/block') : [];
  const weighted = disks.some((disk) => {
    const file = `/sys/block/${disk}/queue/scheduler`;
    return existsSync(file) && /\[bfq\]/.test(readFileSync(file, 'utf8'));
  });
  if (!weighted) launch.warn('--blkio-weight has no effect yet: no disk uses the I/O scheduler bfq');
}

function readCounter(file: string): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readCgroupFile(file))?.[1] ?? 0);
  } catch (error) {
    // Somebody removed the cgroup: what happened in it is not known any more.
    if (hasCode(error, 'ENOENT', 'ENODEV')) return 0;
    throw error;
  }
}
