import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { followLog, type LogEntry, type ReadLogOptions } from '../log/index.js';
import { waitForEnd } from '../monitor/wait.js';
import type { StatePaths } from '../plugin/tokens.js';
import { type ContainerState, readContainer } from '../state/containers.js';
import { liveDirectory } from '../state/live.js';
import { isUp } from './summary.js';

/** How often it is looked whether a restart policy has started it again, or how one goes whose monitor was killed. */
const RESTART_POLL_MS = 200;

/** What a container wrote, and what it writes until it has ended for good. @param directory of its log */
export async function* followedLog(
  directory: string,
  paths: StatePaths,
  container: ContainerState,
  { signal, ...options }: ReadLogOptions & { readonly signal?: AbortSignal | undefined },
): AsyncGenerator<LogEntry> {
  const over = new AbortController();
  const signals = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  try {
    yield* followLog(directory, { ...options, ended: untilOver(paths, container, signals), signal });
  } finally {
    over.abort();
  }
}

/** Its monitor has ended, and nothing starts it again. */
async function untilOver(
  { root, runroot }: StatePaths,
  { record }: ContainerState,
  signal: AbortSignal,
): Promise<void> {
  const alive = join(liveDirectory(runroot, record.id), 'alive');
  for (;;) {
    const now = readContainer(root, record.id);
    if (!now || !isUp(now.state) || signal.aborted) return;
    if (now.state !== 'restarting') await waitForEnd(alive, signal);
    if (isUp(readContainer(root, record.id)?.state ?? 'exited')) await sleep(RESTART_POLL_MS);
  }
}
