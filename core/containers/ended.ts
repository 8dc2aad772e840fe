import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../engine/index.js';
import { waitForEnd } from '../monitor/wait.js';
import { type ContainerState, readContainer } from '../state/containers.js';
import { liveDirectory } from '../state/live.js';
import { isAlive } from '../state/process-identity.js';

/** A container in the foreground has no monitor that tells; its engine is looked at. */
const LOOK_MS = 20;

/**
 * Waits until the run of a container is over and that is recorded, or until `signal` is aborted.
 * @returns the container then; undefined when it is gone, as one with `--rm` is
 */
export async function untilEnded(
  engine: Engine,
  container: ContainerState,
  signal?: AbortSignal,
): Promise<ContainerState | undefined> {
  const { id } = container.record;
  for (let looked = false; ; ) {
    const now = readContainer(engine.paths.root, id);
    if (!now || signal?.aborted || !hasRun(now, container)) return now;
    if (looked) await sleep(LOOK_MS, undefined, { ...(signal && { signal }) }).catch(() => {});
    else if (now.record.monitored) await waitForEnd(join(liveDirectory(engine.paths.runroot, id), 'alive'), signal);
    // Its end of the socket is closed when it is recorded; a look now and then is for a host where it is not there.
    looked = true;
  }
}

/** Still the run that we came for: a policy may have started the next one. */
function hasRun(now: ContainerState, then: ContainerState): boolean {
  return (now.state === 'running' || now.state === 'paused') && now.record.started === then.record.started;
}

/**
 * Waits until the engine of a container in the foreground, which has just ended, has done with it.
 * @returns whether the container is still there
 */
export async function untilGone(engine: Engine, { record }: ContainerState): Promise<boolean> {
  for (;;) {
    const now = readContainer(engine.paths.root, record.id);
    if (!now) return false;
    if (now.record.status !== 'running' || !record.owner || !isAlive(record.owner)) return true;
    await sleep(LOOK_MS);
  }
}
