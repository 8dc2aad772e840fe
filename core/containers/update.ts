import type { SpecUpdate } from '../config/spec/update.js';
import type { Engine } from '../engine/index.js';
import { readMachine } from '../kernel/cpu-list.js';
import type { ResourceDriver } from '../plugin/drivers.js';
import { notEnforceable } from '../plugin/limit-write.js';
import { checkLimits, LIMIT_FLAGS, requestedLimits } from '../plugin/limits.js';
import type { ResourceUpdate } from '../plugin/running.js';
import type { ResourceSpec, RestartSpec } from '../plugin/spec.js';
import { type ContainerState, requireContainer } from '../state/containers.js';
import { appendEvent, containerEvent } from '../state/events.js';
import { type ContainerDetails, readDetails, writeDetails } from '../state/record.js';
import { holdState, notSupported, whileRunning, wrongState } from './held.js';

/**
 * Changes limits and the restart policy of a container: of one that runs at once, and for every later start.
 * @returns its id, and what is not as asked, in words
 * @throws TsboxError when something cannot be had; all is then as it was
 */
export async function updateContainer(
  engine: Engine,
  reference: string,
  update: SpecUpdate,
): Promise<{ readonly id: string; readonly warnings: readonly string[] }> {
  const { id } = requireContainer(engine.paths.root, reference).record;
  const warnings = await engine.locked(id, async () => {
    const container = requireContainer(engine.paths.root, id);
    if (container.state === 'creating' || container.state === 'removing')
      throw wrongState(container, 'update', `it is ${container.state}`, 'try again in a moment');
    return updateLocked(engine, container, update);
  });
  return { id, warnings };
}

async function updateLocked(engine: Engine, container: ContainerState, update: SpecUpdate): Promise<readonly string[]> {
  const details = readDetails(container.directory);
  const { spec, drivers } = details;
  if (container.record.autoRemove && update.restart && update.restart.policy !== 'no')
    throw wrongState(container, 'update', 'it goes when it ends (--rm)', 'leave out --restart');
  const resources = { ...spec.resources, ...update.resources };
  const limits = Object.keys(update.resources).length > 0;
  if (limits) refuseLimits(resources, drivers.resources.name, await engine.driver('resources', drivers.resources.name));
  const changed = limits && container.pid !== undefined ? await updateRunning(engine, container, resources) : undefined;
  try {
    writeDetails(container.directory, updated(details, update, resources, changed), true);
  } catch (error) {
    changed?.undo();
    throw error;
  }
  appendEvent({ gate: engine.gate, runroot: engine.paths.runroot }, containerEvent('update', container.record));
  const late = update.restart && (await heedsLater(engine, container, spec.restart, update.restart, details));
  return [
    ...(changed?.warnings ?? []),
    ...(late ? ['--restart takes effect when the container is started again'] : []),
  ];
}

async function updateRunning(
  engine: Engine,
  container: ContainerState,
  resources: ResourceSpec,
): Promise<ResourceUpdate> {
  const held = await holdState(engine, container, 'update');
  const { driver, running } = held;
  return whileRunning(engine, held, 'update', async () => {
    if (!driver.update) throw notSupported(held, 'update', 'cannot change limits of a container that runs');
    return driver.update(running, resources);
  });
}

function updated(
  details: ContainerDetails,
  update: SpecUpdate,
  resources: ResourceSpec,
  changed: ResourceUpdate | undefined,
): ContainerDetails {
  const { spec, facts, warnings, drivers } = details;
  const keys = [...Object.keys(update.resources), ...(update.restart ? ['restart'] : [])];
  const origins = { ...spec.origins, ...Object.fromEntries(keys.map((key) => [key, 'update'])) };
  return {
    ...details,
    spec: { ...spec, resources, origins, ...(update.restart && { restart: update.restart }) },
    ...(changed && { facts: { ...facts, [drivers.resources.plugin]: changed.facts } }),
    warnings: [...new Set([...warnings, ...(changed?.warnings ?? [])])],
  };
}

/** What a start would refuse. */
function refuseLimits(resources: ResourceSpec, name: string, driver: ResourceDriver): void {
  const [limit] = requestedLimits(resources).filter((one) => !driver.capabilities.limits.includes(one));
  if (limit) {
    const fix = `leave out ${LIMIT_FLAGS[limit]}, or make the container anew with --resources=auto`;
    throw notEnforceable(limit, `the resources driver "${name}" of the container does not enforce it`, fix);
  }
  checkLimits(resources, readMachine());
}

/**
 * A monitor knows from its start after which ends it is to start tsbox, which then reads the policy: it
 * does not learn of a policy that starts it again after more of them.
 */
async function heedsLater(
  engine: Engine,
  { pid, record }: ContainerState,
  before: RestartSpec,
  after: RestartSpec,
  { drivers }: ContainerDetails,
): Promise<boolean> {
  if (pid === undefined || after.policy === 'no') return false;
  if (!record.monitored) return true;
  if (before.policy === 'always' || before.policy === 'unless-stopped') return false;
  if (before.policy === 'on-failure' && after.policy === 'on-failure') return false;
  // After every end it has a network to give back.
  const { attach } = await engine.driver('network', drivers.network.name);
  return attach === undefined;
}
