import type { Engine } from '../engine/index.js';
import { type ContainerState, KILLED, readContainer, requireContainer, wasOomKilled } from '../state/containers.js';
import { type RunState, RunStateWatch } from '../state/run-state.js';
import { untilEnded } from './ended.js';

/** How the last run of a container ended. */
export interface EndOfRun {
  /** As a shell has it: the exit code, or 128 + signal. */
  readonly exitCode: number;
  readonly oomKilled: boolean;
}

/**
 * Waits for the end of a container's command. One that does not run answers at once; one that is removed
 * when it ends answers with its status all the same, if it was seen.
 * @param beforeSettling what is still to be done with what the run left, such as its log, before that is taken back
 * @throws TsboxError
 */
export async function waitContainer(
  engine: Engine,
  reference: string,
  signal?: AbortSignal,
  beforeSettling?: () => Promise<void>,
): Promise<EndOfRun> {
  const container = requireContainer(engine.paths.root, reference);
  // It may be removed, or start again, before we look.
  const run = new RunStateWatch(container.directory);
  try {
    const end = await untilEnded(engine, container, signal);
    signal?.throwIfAborted();
    await beforeSettling?.();
    if (end?.unsettled) await settleQuietly(engine, end.record.id);
    return endOf(end, run.read());
  } finally {
    run.close();
  }
}

function endOf(end: ContainerState | undefined, run: RunState | undefined): EndOfRun {
  if (run && run.phase !== 'running')
    return { exitCode: run.exitCode ?? 128 + (run.signal ?? 0), oomKilled: wasOomKilled(run.memoryEvents) };
  // In somebody's foreground, and gone: its status was for whoever ran it.
  return { exitCode: end?.exitCode ?? KILLED, oomKilled: end?.oomKilled ?? false };
}

/** What its end left is taken back by whoever comes first; a failure of that is told by the next start or gc. */
export async function settleQuietly(engine: Engine, id: string): Promise<void> {
  try {
    await engine.locked(id, async () => {
      if (readContainer(engine.paths.root, id)?.unsettled) await engine.settle(id);
    });
  } catch {
    // It is gone, or something is left in its journal.
  }
}
