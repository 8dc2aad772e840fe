import type { Engine } from '../engine/index.js';
import type { ResourceDriver } from '../plugin/drivers.js';
import { TsboxError } from '../plugin/error.js';
import type { JsonObject } from '../plugin/launch.js';
import type { Running } from '../plugin/running.js';
import { type ContainerState, readContainer, requireContainer } from '../state/containers.js';
import { type ContainerDetails, readDetails } from '../state/record.js';
import { notRunning } from './not-running.js';

/** A container that runs, with what holds its processes. */
export interface Held {
  readonly container: ContainerState;
  readonly details: ContainerDetails;
  readonly driver: ResourceDriver;
  /** For the driver's methods. */
  readonly running: Running;
}

/**
 * A container that must run, frozen or not.
 * @param doing what is about to be done, for the error: `pause`
 * @throws TsboxError when it does not run
 */
export async function holdContainer(engine: Engine, reference: string, doing: string): Promise<Held> {
  return holdState(engine, requireContainer(engine.paths.root, reference), doing);
}

/** The same, of one that was read already. */
export async function holdState(engine: Engine, container: ContainerState, doing: string): Promise<Held> {
  const { pid, record, directory, state } = container;
  if (pid === undefined) throw notRunning(record.name || record.id.slice(0, 12), doing, state);
  const details = readDetails(directory);
  const { name, plugin } = details.drivers.resources;
  const driver = await engine.driver('resources', name);
  const { gate, host, paths } = engine;
  const facts = (details.facts[plugin] ?? {}) as JsonObject;
  return {
    container,
    details,
    driver,
    running: { id: record.id, pid, resources: details.spec.resources, facts, gate, host, paths },
  };
}

/** Does something to a container that runs; when that fails because it has ended meanwhile, the error says so. */
export async function whileRunning<Result>(
  engine: Engine,
  { container }: Held,
  doing: string,
  act: () => Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (isStill(engine, container)) throw error;
    throw wrongState(container, doing, 'it has just ended', `tsbox start ${container.record.name}`);
  }
}

/** Whether its run is still the one that was looked at. */
export function isStill(engine: Engine, { record, pid }: ContainerState): boolean {
  return readContainer(engine.paths.root, record.id)?.pid === pid;
}

/** A container is not in a state for what is to be done. */
export function wrongState({ record }: ContainerState, doing: string, why: string, fix: string): TsboxError {
  return new TsboxError('ERR_TSBOX_CONTAINER_STATE', { what: `cannot ${doing} container ${record.name}`, why, fix });
}

/** The container's resources driver lacks the method that it takes. */
export function notSupported({ container, details }: Held, doing: string, lacking: string): TsboxError {
  return new TsboxError('ERR_TSBOX_NOT_ENFORCEABLE', {
    what: `cannot ${doing} container ${container.record.name}`,
    why: `its resources driver "${details.drivers.resources.name}" ${lacking}`,
    fix: 'a container that is started as root with --resources=auto has a cgroup of its own, which can',
  });
}
