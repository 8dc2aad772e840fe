import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readLimit, readText } from './cgroup-sample.js';
import type { ResourceOutcome } from './drivers.js';
import { formatBytes } from './limits.js';

const NOT_KILLED: ResourceOutcome = { oomKilled: false };

/**
 * Reads the counter `oom_kill` (memory.oom_control since Linux 4.13, memory.events in v2). Any killed
 * process counts: a shell that outlives its child hides the signal from the exit status.
 * @param file undefined where the memory controller is not there
 * @param limitFile of the same cgroup: the limit may have changed since the launch
 */
export function oomOutcome(file: string | undefined, limitFile: string | undefined): ResourceOutcome {
  const killed = oomKills(readText(file));
  if (killed === 0) return NOT_KILLED;
  const memory = readLimit(limitFile);
  const who = killed === 1 ? 'a process' : `${killed} processes`;
  const explanation =
    memory === undefined
      ? `out of memory: the kernel killed ${who} of the container, which has no memory limit; the machine ran out`
      : `out of memory: the kernel killed ${who} of the container, which reached its memory limit of ${formatBytes(memory)}`;
  return { oomKilled: true, explanation };
}

/** What is not as asked when a weight is set: I/O schedulers keep weights, and only disks that use one heed them. */
export function idleWeightWarning(): string | undefined {
  const disks = existsSync('/sys/block') ? readdirSync('/sys/block') : [];
  const weighted = disks.some((disk) => {
    const file = `/sys/block/${disk}/queue/scheduler`;
    return existsSync(file) && /\[bfq\]/.test(readFileSync(file, 'utf8'));
  });
  return weighted ? undefined : '--blkio-weight has no effect yet: no disk uses the I/O scheduler bfq';
}

/** Somebody may have removed the cgroup: what happened in it is not known any more. */
function oomKills(text: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}
