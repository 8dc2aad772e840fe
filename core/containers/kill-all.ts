import type { Engine } from '../engine/index.js';
import type { ContainerState } from '../state/containers.js';
import { holdState, notSupported } from './held.js';

/**
 * Kills every process of a container with SIGKILL, frozen ones too, and waits until all are gone. Where it
 * has a pid namespace of its own its first process takes the others along, and a signal to that is enough;
 * with `--pid host` the others would live on.
 * @throws TsboxError when nothing knows its processes, or when one does not end
 */
export async function killAllProcesses(engine: Engine, container: ContainerState): Promise<void> {
  const held = await holdState(engine, container, 'kill');
  const { driver, running } = held;
  if (!driver.killAll) throw notSupported(held, 'kill all processes of', 'does not know them');
  await driver.killAll(running);
}
