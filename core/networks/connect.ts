import { parseHostname, parseIpv4 } from '../config/parse/address.js';
import type { Engine } from '../engine/index.js';
import { TsboxError } from '../plugin/error.js';
import type { Attachment, ChosenNetworks, NetworkMember, NetworkObject } from '../plugin/networks.js';
import { type ContainerState, readContainer, requireContainer } from '../state/containers.js';
import { listNetworkFiles, networkExists } from '../state/networks.js';
import { isAlive } from '../state/process-identity.js';
import { type ContainerDetails, readDetails, writeDetails, writeRecord } from '../state/record.js';
import { networkEvent } from './event.js';
import { findNetwork } from './list.js';
import { withEndpoint, withNetwork, withoutNetwork } from './stored-networks.js';

export interface ConnectOptions {
  readonly ip?: string;
  /** Further names of the container on this network. */
  readonly aliases?: readonly string[];
}

/**
 * Connects a container to a further network: at once where it runs, and at every later start.
 * @returns what is not as asked, in words
 * @throws TsboxError when it is on it, or has a network that goes with no other
 */
export async function connectNetwork(
  engine: Engine,
  reference: string,
  container: string,
  options: ConnectOptions = {},
): Promise<readonly string[]> {
  checkOptions(options);
  const network = await findNetwork(engine, reference);
  return change(engine, network, container, async (state, details) => {
    const { aliases = [], ip } = options;
    const attachment: Attachment = { network, aliases, ...(ip !== undefined && { ip }) };
    if (state.record.networks.includes(network.name)) throw alreadyOn(network, state);
    if (aliases.length > 0 && network.builtin) throw noNames(network);
    const driver = await engine.driver('network', details.drivers.network.name);
    if (!driver.connect || network.driver !== details.drivers.network.name) throw cannotJoin(network, state, details);
    const member = memberOf(state);
    const made = member && (await driver.connect(member, chosenOf(engine, attachment), engine.paths));
    const networks = [...state.record.networks, network.name];
    write(state, withEndpoint(withNetwork(details, attachment), network.name, made?.endpoint), networks);
    networkEvent(engine, 'connect', network, state.record.id);
    return made?.warnings ?? [];
  });
}

/**
 * Takes a container off a network, now and at every later start.
 * @param force is content where the container is not on it
 */
export async function disconnectNetwork(
  engine: Engine,
  reference: string,
  container: string,
  force = false,
): Promise<void> {
  const network = await findNetwork(engine, reference);
  await change(engine, network, container, async (state, details) => {
    const driver = await engine.driver('network', details.drivers.network.name);
    const isOn = state.record.networks.includes(network.name);
    if (!isOn && force) return;
    if (!isOn) throw notOn(network, state);
    if (!driver.disconnect) throw cannotLeave(network, state);
    const member = memberOf(state);
    if (member) await driver.disconnect(member, network, engine.paths);
    const networks = state.record.networks.filter((name) => name !== network.name);
    write(state, withEndpoint(withoutNetwork(details, network.name), network.name, undefined), networks);
    networkEvent(engine, 'disconnect', network, state.record.id);
  });
}

/** They come to stand in /etc/hosts of other containers. */
function checkOptions({ ip, aliases = [] }: ConnectOptions): void {
  const place = { kind: 'library', directory: '/' } as const;
  for (const value of aliases) parseHostname({ value, place: { ...place, key: 'alias' }, distance: 0 });
  if (ip !== undefined) parseIpv4({ value: ip, place: { ...place, key: 'ip' }, distance: 0 });
}

async function change<Result>(
  engine: Engine,
  network: NetworkObject,
  reference: string,
  act: (state: ContainerState, details: ContainerDetails) => Promise<Result>,
): Promise<Result> {
  const { id } = requireContainer(engine.paths.root, reference).record;
  return engine.locked(id, async () => {
    const state = readContainer(engine.paths.root, id);
    if (!state || state.state === 'creating' || state.state === 'removing') throw notThere(network, reference);
    return act(state, readDetails(state.directory));
  });
}

function memberOf({ record, pid }: ContainerState): NetworkMember | undefined {
  const { id, name, process } = record;
  if (pid === undefined || !process) return undefined;
  return { id, name, pid, isAlive: () => isAlive(process) };
}

function chosenOf({ paths }: Engine, attachment: Attachment): ChosenNetworks {
  return {
    attachments: [attachment],
    others: listNetworkFiles(paths.root, () => {}),
    exists: (network) => networkExists(paths.root, network),
  };
}

/** The details first: what the record says is what lists show and what `network rm` asks. */
function write({ record, directory }: ContainerState, details: ContainerDetails, networks: readonly string[]): void {
  writeDetails(directory, details, true);
  const { ports } = networks.length > 0 ? record : { ports: [] };
  writeRecord(directory, { ...record, networks, ports }, true);
}

function refused(network: NetworkObject, container: string, why: string, fix: string | string[]): TsboxError {
  const what = `cannot change what container ${container} has of network "${network.name}"`;
  return new TsboxError('ERR_TSBOX_CONTAINER_STATE', { what, why, fix });
}

const notThere = (network: NetworkObject, container: string) =>
  refused(network, container, 'it is being made, or removed', 'tsbox ps -a');
const alreadyOn = (network: NetworkObject, { record }: ContainerState) =>
  refused(
    network,
    record.name,
    'it is connected to it already',
    `tsbox network disconnect ${network.name} ${record.name}`,
  );
const notOn = (network: NetworkObject, { record }: ContainerState) =>
  refused(
    network,
    record.name,
    `it is not connected to it, but to ${record.networks.join(', ') || 'none at all'}`,
    `tsbox network inspect ${network.name}`,
  );
const cannotLeave = (network: NetworkObject, { record }: ContainerState) =>
  refused(network, record.name, `a container cannot leave "${network.name}"`, 'make a new one with another --network');
const noNames = (network: NetworkObject) =>
  new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot give an alias on network "${network.name}"`,
    why: 'names of containers resolve on networks that were made with tsbox network create',
    fix: 'leave out --alias',
  });
const cannotJoin = (network: NetworkObject, { record }: ContainerState, { drivers }: ContainerDetails) =>
  refused(
    network,
    record.name,
    `its network is of the driver "${drivers.network.name}", and this one of "${network.driver}"`,
    `make a new one: tsbox run --network=${network.name}`,
  );
