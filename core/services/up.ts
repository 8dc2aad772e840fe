import { removeContainer } from '../containers/remove.js';
import type { Engine } from '../engine/index.js';
import type { ResolvedEnvironment } from '../environments/types.js';
import { TsboxError } from '../plugin/error.js';
import { ownerOfName } from '../state/names.js';
import { type Decision, decide } from './decide.js';
import type { OnEvent } from './events.js';
import { type FoundService, findServices, refuseOthers } from './found.js';
import { forgetEnvironment, withEnvironment } from './lock.js';
import { ensureNetwork, networksOfEnvironment, removeOwnNetwork } from './networks.js';
import { type PreparedService, prepareService } from './prepare.js';
import { type Selection, selectServices } from './select.js';
import { type StartedService, Startup } from './startup.js';

export interface UpOptions extends Selection {
  /** Replace what runs unchanged, too. */
  readonly forceRecreate?: boolean;
  /** Remove containers of services that the environment has no more. */
  readonly removeOrphans?: boolean;
  /** Milliseconds before SIGKILL for what is replaced or taken down; default: the container's own, else ten seconds. */
  readonly timeout?: number;
  /** Gives up, and takes down what was started. */
  readonly signal?: AbortSignal;
  readonly onEvent?: OnEvent;
  /** Every service has been started; some are not ready yet. */
  readonly onStarted?: (services: readonly StartedService[]) => void;
  /** Another `up` or `down` of the environment takes its time. */
  readonly onWait?: () => void;
}

/**
 * Starts the services of an environment, each after what it waits for, and resolves when all are ready.
 * What runs unchanged stays; what has changed is replaced.
 * @throws TsboxError; what was started is taken down again, and what was there before stays
 */
export async function upServices(
  engine: Engine,
  environment: ResolvedEnvironment,
  options: UpOptions = {},
): Promise<StartedService[]> {
  refuseUnsupported(environment);
  const prepared = await prepareAll(engine, environment, options);
  return withEnvironment(engine, environment.name, options.onWait ?? (() => {}), async () => {
    const { root } = engine.paths;
    const found = findServices(root, environment.name);
    refuseOthers(found, environment.name, environment.directory);
    const decisions = decide(prepared, found, options.forceRecreate ?? false);
    refuseTakenNames(root, decisions);
    await orphans(engine, environment, found, options);
    return bringUp(engine, environment, decisions, options);
  });
}

/** Checks everything that can be checked before anything is changed. */
export async function prepareAll(
  engine: Engine,
  environment: ResolvedEnvironment,
  selection: Selection,
): Promise<PreparedService[]> {
  const networkDrivers = engine.driverNames('network');
  const host = { privileged: engine.host.privileged, networkDrivers, environment: process.env };
  const selected = selectServices(environment, selection);
  try {
    return selected.map((each) => prepareService(environment, each, host));
  } catch (error) {
    const { withLine } = await import('../config/with-line.js');
    throw await withLine(error);
  }
}

async function bringUp(
  engine: Engine,
  environment: ResolvedEnvironment,
  decisions: readonly Decision[],
  { timeout, signal, onEvent = () => {}, onStarted = () => {} }: UpOptions,
): Promise<StartedService[]> {
  const failed = new AbortController();
  const signals = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const stop = timeout === undefined ? {} : { stopTimeout: timeout };
  const startup = new Startup({ engine, environment, decisions, signal: signals, onEvent, ...stop });
  const made: string[] = [];
  try {
    signal?.throwIfAborted();
    for (const name of new Set(decisions.flatMap(({ service }) => service.networks)))
      if (await ensureNetwork(engine, environment, name)) made.push(name);
    const started = startup.started();
    started.then(onStarted, () => {});
    await Promise.all([started, startup.ready()]);
    return await started;
  } catch (error) {
    failed.abort();
    const failures = await startup.takeDown();
    await forget(engine, environment, made);
    throw withFailures(signal?.aborted ? aborted(environment) : error, failures);
  }
}

/** What only containers that are gone have used. */
async function forget(engine: Engine, { name }: ResolvedEnvironment, networks: readonly string[]): Promise<void> {
  for (const network of networksOfEnvironment(engine, name))
    if (networks.includes(network.name)) await removeOwnNetwork(engine, network);
  if (findServices(engine.paths.root, name).length === 0) forgetEnvironment(engine.paths.runroot, name);
}

async function orphans(
  engine: Engine,
  { services }: ResolvedEnvironment,
  found: readonly FoundService[],
  { removeOrphans = false, onEvent = () => {} }: UpOptions,
): Promise<void> {
  for (const orphan of found.filter((each) => services.every((service) => service.name !== each.name))) {
    if (removeOrphans) await removeContainer(engine, orphan.id, { force: true, volumes: true });
    onEvent({
      service: orphan.name,
      what: removeOrphans ? 'removed' : 'left over',
      detail: removeOrphans
        ? 'the environment has no such service'
        : 'no such service any more; --remove-orphans removes it',
      id: orphan.id,
    });
  }
}

/** Somebody else's container of that name: said before anything is started. */
function refuseTakenNames(root: string, decisions: readonly Decision[]): void {
  for (const { service, found } of decisions) {
    const owner = ownerOfName(root, service.containerName);
    if (owner === undefined || owner === found?.id) continue;
    throw new TsboxError('ERR_TSBOX_NAME_IN_USE', {
      what: `cannot name the container of service "${service.name}" ${service.containerName}`,
      why: `container ${owner.slice(0, 12)} has that name, and the environment has not made it`,
      fix: `tsbox rm ${service.containerName}, or tsbox rename ${service.containerName} OTHER`,
    });
  }
}

function refuseUnsupported({ unsupported }: ResolvedEnvironment): void {
  const [first] = unsupported;
  if (!first) return;
  throw new TsboxError('ERR_TSBOX_CONFIG', {
    what: `cannot do all that ${first.origin.file ?? 'the file'} asks for`,
    why: unsupported.map(({ key, origin, why }) => `\n    ${origin.text}: ${key}: ${why}`).join(''),
    fix: ['take it out', 'or --ignore-unsupported goes on without it'],
  });
}

function aborted({ name }: ResolvedEnvironment): TsboxError {
  return new TsboxError('ERR_TSBOX_ABORTED', {
    what: `environment "${name}" was not started`,
    why: 'it was called off; what had been started was taken down again',
  });
}

function withFailures(error: unknown, failures: readonly Error[]): unknown {
  if (error instanceof TsboxError && failures.length > 0) error.undoErrors = [...error.undoErrors, ...failures];
  return error;
}
