import type { Engine } from '../engine/index.js';
import type { Endpoint, NetworkObject } from '../plugin/networks.js';
import { type ContainerState, listContainers } from '../state/containers.js';
import { builtinNetwork, listNetworkFiles, requireNetwork } from '../state/networks.js';

/** A network with who is on it. */
export interface NetworkInspection extends NetworkObject {
  /** Containers that run on it. */
  readonly containers: readonly NetworkContainer[];
}

export interface NetworkContainer {
  readonly id: string;
  readonly name: string;
  readonly endpoint: Endpoint;
}

/**
 * All networks: those that drivers have by their own name, and those that were made.
 * @param onError is told of each that cannot be read, which is left out
 */
export async function listNetworks(engine: Engine, onError: (error: Error) => void): Promise<NetworkObject[]> {
  const drivers = await networkDrivers(engine);
  const all = [...drivers.map(builtinNetwork), ...listNetworkFiles(engine.paths.root, onError)];
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A network by name, id, or the beginning of an id. @throws TsboxError ERR_TSBOX_NO_SUCH_NETWORK */
export async function findNetwork(engine: Engine, reference: string): Promise<NetworkObject> {
  return requireNetwork(engine.paths.root, reference, await networkDrivers(engine));
}

/** @throws TsboxError ERR_TSBOX_NO_SUCH_NETWORK */
export async function inspectNetwork(engine: Engine, reference: string): Promise<NetworkInspection> {
  const network = await findNetwork(engine, reference);
  const driver = await engine.driver('network', network.driver);
  const use = await driver.inspectNetwork?.(network, engine.paths);
  const { endpoints = {}, ...addresses } = use ?? {};
  const members = usersOf(engine, network).filter(({ pid }) => pid !== undefined);
  const containers = members.map(({ record: { id, name } }) => {
    return { id, name, endpoint: endpoints[id] ?? nowhere(network) };
  });
  return { ...network, ...addresses, containers };
}

/** Containers that are on a network, or will be when they are started. */
export function usersOf(engine: Engine, { name }: NetworkObject): ContainerState[] {
  const all = listContainers(engine.paths.root, () => {});
  return all.filter(({ record }) => record.networks.includes(name));
}

/** Names of all networks that containers are on, or will be when they are started. */
export function usedNetworks({ paths }: Engine): Set<string> {
  return new Set(listContainers(paths.root, () => {}).flatMap(({ record }) => record.networks));
}

/** One that joins the network of a container has none of its own. */
async function networkDrivers(engine: Engine): Promise<string[]> {
  const names: string[] = [];
  for (const name of engine.driverNames('network')) {
    const { capabilities } = await engine.driver('network', name);
    if (!capabilities.joins) names.push(name);
  }
  return names;
}

/** On the host's network, or on none: there is no address. */
function nowhere({ name }: NetworkObject): Endpoint {
  return { network: name, link: '', address: '', prefix: 0, mac: '' };
}
