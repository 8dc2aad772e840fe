import type { Engine } from '../engine/index.js';
import type { ContainerState } from '../state/containers.js';
import { readDetails } from '../state/record.js';

/** A frozen process takes no signal, not even SIGKILL on cgroup v1, before it is thawed. */
export async function thawForEnd(engine: Engine, { record, directory, pid }: ContainerState): Promise<void> {
  if (!record.paused || pid === undefined) return;
  const { drivers, spec, facts } = readDetails(directory);
  const { name, plugin } = drivers.resources;
  const driver = await engine.driver('resources', name);
  const { gate, host, paths } = engine;
  const own = facts[plugin];
  await driver.thaw?.({
    id: record.id,
    pid,
    resources: spec.resources,
    facts: typeof own === 'object' && own !== null && !Array.isArray(own) ? (own as typeof facts) : {},
    gate,
    host,
    paths,
  });
}
