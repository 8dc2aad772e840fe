import type { Engine } from '../engine/index.js';
import { STEADY_MS } from '../engine/index.js';
import type { RestartSpec } from '../plugin/spec.js';
import { type ContainerState, readContainer } from '../state/containers.js';
import { readDetails } from '../state/record.js';

/**
 * What a monitor starts tsbox again for, when its container has ended and nobody takes care of it: the
 * run is taken back, and then the container is started again, or removed, as its policy says.
 */
export async function afterEnd(engine: Engine, id: string): Promise<void> {
  if (!readContainer(engine.paths.root, id)) return;
  await engine.locked(id, async () => {
    const ended = readContainer(engine.paths.root, id);
    // Somebody was faster: started it again, or stopped it for good.
    if (!ended || ended.state === 'running' || ended.state === 'paused') return;
    const again = startsAgain(ended);
    await engine.settle(id);
    if (again) await engine.startAgain(id, again);
  });
}

/** What its next start begins with; undefined when it stays down. */
export function startsAgain(ended: ContainerState): { restarts: number; quickRestarts: number } | undefined {
  const { record, directory, exitCode, finished } = ended;
  if (record.autoRemove || record.stoppedByUser || record.status !== 'running') return undefined;
  const { restart } = readDetails(directory).spec;
  const restarts = record.restarts ?? 0;
  if (!wantsRestart(restart, exitCode ?? 0, restarts)) return undefined;
  const ran = (finished ?? Date.now()) - Date.parse(record.started ?? record.created);
  return { restarts: restarts + 1, quickRestarts: ran >= STEADY_MS ? 0 : (record.quickRestarts ?? 0) + 1 };
}

function wantsRestart({ policy, maximum }: RestartSpec, exitCode: number, restarts: number): boolean {
  if (policy === 'no') return false;
  if (policy !== 'on-failure') return true;
  return exitCode !== 0 && (maximum === undefined || restarts < maximum);
}
