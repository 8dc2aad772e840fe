import type { Engine } from '../engine/index.js';
import type { ResolvedEnvironment, ResolvedNetwork } from '../environments/types.js';
import { hasCode } from '../kernel/error.js';
import { createNetwork } from '../networks/create.js';
import { usersOf } from '../networks/list.js';
import { removeNetwork } from '../networks/remove.js';
import { TsboxError } from '../plugin/error.js';
import type { NetworkObject } from '../plugin/networks.js';
import { listNetworkFiles, readNetwork } from '../state/networks.js';
import { environmentLabels, LABELS } from './labels.js';

const RESERVED = ['auto', 'default'];

/** An environment's own network has its name, unless that means something else already. */
export function ownNetworkName(environment: string, drivers: readonly string[]): string {
  return [...RESERVED, ...drivers].includes(environment) ? `${environment}-net` : environment;
}

/** Makes a network that is not there. @returns whether it was made @throws TsboxError when the name is another's */
export async function ensureNetwork(engine: Engine, environment: ResolvedEnvironment, name: string): Promise<boolean> {
  const described = environment.networks?.find((network) => network.name === name);
  const isOwn = name === ownNetworkName(environment.name, engine.driverNames('network'));
  // Otherwise it is a setting of the user's: that there is none is said when the container is made.
  const makes = described ? !described.external : isOwn;
  const found = readNetwork(engine.paths.root, name);
  if (!makes) return false;
  if (found?.labels[LABELS.environment] === environment.name) return false;
  if (found) throw taken(name, environment.name);
  await createNetwork(engine, { ...settingsOf(described), name, labels: labelsOf(environment, described) });
  return true;
}

/** Networks that `up` made for an environment. */
export function networksOfEnvironment(engine: Engine, name: string): NetworkObject[] {
  return listNetworkFiles(engine.paths.root, () => {}).filter(({ labels }) => labels[LABELS.environment] === name);
}

/** Removes a network unless somebody else uses it by now. @returns names of those who do */
export async function removeOwnNetwork(engine: Engine, network: NetworkObject): Promise<string[]> {
  try {
    await removeNetwork(engine, network.name);
  } catch (error) {
    if (hasCode(error, 'ERR_TSBOX_NO_SUCH_NETWORK')) return [];
    if (!hasCode(error, 'ERR_TSBOX_IN_USE')) throw error;
    return usersOf(engine, network).map(({ record }) => record.name);
  }
  return [];
}

function settingsOf(described: ResolvedNetwork | undefined) {
  if (!described) return {};
  const { internal, driver, subnet, gateway, ipRange, options } = described;
  return {
    internal,
    options,
    ...(driver !== undefined && { driver }),
    ...(subnet !== undefined && { subnet }),
    ...(gateway !== undefined && { gateway }),
    ...(ipRange !== undefined && { ipRange }),
  };
}

function labelsOf(environment: ResolvedEnvironment, described: ResolvedNetwork | undefined): Record<string, string> {
  return { ...described?.labels, ...environmentLabels(environment) };
}

function taken(name: string, environment: string): TsboxError {
  return new TsboxError('ERR_TSBOX_NAME_IN_USE', {
    what: `cannot make the network "${name}" of environment "${environment}"`,
    why: 'there is a network of that name which the environment has not made',
    fix: [`tsbox network rm ${name}`, 'or give the environment another name'],
  });
}
