import type { Engine } from '../engine/index.js';
import type { ContainerState } from '../state/containers.js';
import { holdState } from './held.js';

/** A frozen process takes no signal, not even SIGKILL on cgroup v1, before it is thawed. */
export async function thawForEnd(engine: Engine, container: ContainerState): Promise<void> {
  if (!container.record.paused || container.pid === undefined) return;
  const { driver, running } = await holdState(engine, container, 'thaw');
  await driver.thaw?.(running);
}
