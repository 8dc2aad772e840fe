import { removeContainer } from '../containers/remove.js';
import { stopContainer } from '../containers/stop.js';
import type { Engine } from '../engine/index.js';
import { hasCode } from '../kernel/error.js';
import { TsboxError } from '../plugin/error.js';
import type { OnEvent } from './events.js';
import { type FoundService, findServices } from './found.js';
import { forgetEnvironment, withEnvironment } from './lock.js';
import { networksOfEnvironment, removeOwnNetwork } from './networks.js';
import { inReverseOrder } from './reverse.js';
import { removeOwnVolume, volumesOfEnvironment } from './volumes.js';

export interface StopServicesOptions {
  /** Milliseconds before SIGKILL; default: the container's own, else ten seconds. */
  readonly timeout?: number;
  readonly onEvent?: OnEvent;
}

export interface DownOptions extends StopServicesOptions {
  /** With the named volumes that `up` made; the anonymous ones go in any case. */
  readonly volumes?: boolean;
  readonly onWait?: () => void;
}

/**
 * Stops and removes all that `up` made of an environment, whatever its file says by now: each service after
 * those that wait for it. What is gone already is as good.
 * @returns how many containers, networks and volumes were removed
 * @throws TsboxError when something could not be removed; the rest is
 */
export async function downServices(engine: Engine, environment: string, options: DownOptions = {}): Promise<number> {
  return withEnvironment(engine, environment, options.onWait ?? (() => {}), async () => {
    const { root, runroot } = engine.paths;
    const services = findServices(root, environment);
    const failures = await inReverseOrder(services, (service) => remove(engine, service, options));
    let removed = services.length - failures.length;
    for (const network of networksOfEnvironment(engine, environment)) {
      const users = await removeOwnNetwork(engine, network);
      if (users.length === 0) removed++;
      else if (failures.length === 0) failures.push(stillUsed(`network "${network.name}"`, users));
    }
    if (options.volumes) {
      for (const volume of volumesOfEnvironment(engine, environment)) {
        if (await removeOwnVolume(engine, volume)) removed++;
        else
          failures.push(
            stillUsed(
              `volume "${volume.name}"`,
              volume.users.map((id) => id.slice(0, 12)),
            ),
          );
      }
    }
    forgetEnvironment(runroot, environment);
    throwFirst(environment, failures);
    return removed;
  });
}

/** Stops the services of an environment, each after those that wait for it. They stay as they are. */
export async function stopServices(
  engine: Engine,
  environment: string,
  names: readonly string[],
  { timeout, onEvent = () => {} }: StopServicesOptions = {},
): Promise<void> {
  const services = findServices(engine.paths.root, environment).filter(({ name }) => names.includes(name));
  const failures = await inReverseOrder(services, async ({ name, id }) => {
    await ifThere(stopContainer(engine, id, timeout === undefined ? {} : { timeout }));
    onEvent({ service: name, what: 'stopped', id });
  });
  throwFirst(environment, failures);
}

async function remove(
  engine: Engine,
  { name, id }: FoundService,
  { timeout, onEvent = () => {} }: DownOptions,
): Promise<void> {
  // A record that is damaged, or half removed, is no reason to leave the rest.
  await ifThere(stopContainer(engine, id, timeout === undefined ? {} : { timeout })).catch(() => {});
  await removeContainer(engine, id, { force: true, volumes: true });
  onEvent({ service: name, what: 'removed', id });
}

async function ifThere(done: Promise<void>): Promise<void> {
  try {
    await done;
  } catch (error) {
    if (!hasCode(error, 'ERR_TSBOX_NO_SUCH_CONTAINER', 'ENOENT')) throw error;
  }
}

function stillUsed(what: string, users: readonly string[]): TsboxError {
  return new TsboxError('ERR_TSBOX_IN_USE', {
    what: `cannot remove ${what}`,
    why: `containers that are not of the environment use it: ${users.join(', ')}`,
    fix: [`tsbox rm -f ${users.join(' ')}`, 'and tsbox down again'],
  });
}

function throwFirst(environment: string, [first, ...others]: readonly Error[]): void {
  if (!first) return;
  if (first instanceof TsboxError) {
    first.undoErrors = [...first.undoErrors, ...others];
    throw first;
  }
  const what = `cannot take down environment "${environment}"`;
  throw new TsboxError('ERR_TSBOX_STATE', { what, why: first.message, fix: 'tsbox down again', cause: first });
}
