import { TsboxError } from '../plugin/error.js';
import type { LaunchNetwork } from '../plugin/launch.js';
import type { Attachment, NetworkObject, NetworkPeer } from '../plugin/networks.js';
import type { Spec } from '../plugin/spec.js';
import { requireContainer } from '../state/containers.js';
import { builtinNetwork, listNetworkFiles, networkExists, requireNetwork } from '../state/networks.js';
import { isAlive } from '../state/process-identity.js';
import { type ContainerRecord, containerDirectory, readDetails, readRecord } from '../state/record.js';
import type { ChosenDriver } from './launch-state.js';

/** Before the id of a container in a record's networks. */
const JOINED = 'container:';

/** What the text of `--network` means: a driver's own network, one that was made, or that of a container. */
export interface NetworkChoice {
  /** Name of the driver, or `auto`. */
  readonly driver: string;
  readonly network?: NetworkObject;
  /** `DRIVER:CONTAINER`. */
  readonly container?: string;
}

/** @param drivers names of all network drivers @throws TsboxError ERR_TSBOX_NO_SUCH_NETWORK */
export function readNetworkChoice(text: string, root: string, drivers: readonly string[]): NetworkChoice {
  const colon = text.indexOf(':');
  if (colon > 0) return { driver: text.slice(0, colon), container: text.slice(colon + 1) };
  if (text === 'auto') return { driver: text };
  const network = requireNetwork(root, text, drivers);
  return { driver: network.driver, network };
}

/** What the network driver of a launch is told. @throws TsboxError on what no driver can do */
export function launchNetwork(
  { network, container }: NetworkChoice,
  spec: Spec,
  chosen: ChosenDriver<'network'>,
  root: string,
): LaunchNetwork {
  const peer = container === undefined ? undefined : findPeer(root, container, chosen);
  if (peer) return describe(root, [], peer);
  if (chosen.driver.capabilities.joins) throw needsContainer(chosen.name);
  const { ip, mac, aliases, detached, further = [] } = spec.network;
  const first: Attachment = {
    network: network ?? builtinNetwork(chosen.name),
    aliases,
    ...(ip !== undefined && { ip }),
    ...(mac !== undefined && { mac }),
  };
  if (aliases.length > 0 && first.network.builtin) throw noNames(first.network.name);
  const others = further.map(({ network: name, ...rest }) => {
    const found = requireNetwork(root, name, [chosen.name]);
    if (found.driver === chosen.name) return { network: found, ...rest };
    throw otherDriver(found, chosen.name);
  });
  return describe(root, [...(detached ? [] : [first]), ...others]);
}

/** What lists show as the networks of a container. */
export function networkNames({ chosen }: LaunchNetwork): string[] {
  if (chosen.peer) return [`${JOINED}${chosen.peer.id}`];
  return chosen.attachments.map(({ network }) => network.name);
}

function describe(root: string, attachments: readonly Attachment[], peer?: NetworkPeer): LaunchNetwork {
  let files: readonly NetworkObject[] | undefined;
  return {
    address: undefined,
    nameservers: undefined,
    chosen: {
      attachments,
      // Most drivers do not ask. A damaged file is reported by whoever uses that network.
      get others() {
        files ??= listNetworkFiles(root, () => {});
        return files;
      },
      exists: (network) => networkExists(root, network),
      ...(peer && { peer }),
    },
  };
}

function findPeer(root: string, reference: string, chosen: ChosenDriver<'network'>): NetworkPeer {
  if (!chosen.driver.capabilities.joins) throw joinsNothing(chosen.name);
  const { record, directory, pid } = runningContainer(root, reference);
  return {
    id: record.id,
    name: record.name,
    hostname: readDetails(directory).hostname,
    directory: ownerOfFiles(root, record),
    pid,
    isAlive: () => record.process !== undefined && isAlive(record.process),
  };
}

/** The directory of the container whose /etc/hosts it has: its own, unless it joined a network itself. */
function ownerOfFiles(root: string, { id, networks }: ContainerRecord): string {
  const joined = networks[0]?.startsWith(JOINED) ? networks[0].slice(JOINED.length) : undefined;
  const record = joined === undefined ? undefined : readRecord(containerDirectory(root, joined));
  return record ? ownerOfFiles(root, record) : containerDirectory(root, id);
}

function runningContainer(root: string, reference: string) {
  const what = `cannot join the network of container ${JSON.stringify(reference)}`;
  let container: ReturnType<typeof requireContainer>;
  try {
    container = requireContainer(root, reference);
  } catch (cause) {
    const why = cause instanceof TsboxError ? cause.why : String(cause);
    throw new TsboxError('ERR_TSBOX_INVALID_SPEC', { what, why, fix: 'tsbox ps lists those that run', cause });
  }
  const { pid, state } = container;
  if (pid !== undefined) return { ...container, pid };
  const why = `it is ${state}, and the network of a container is gone when it does not run`;
  throw new TsboxError('ERR_TSBOX_INVALID_SPEC', { what, why, fix: `tsbox start ${reference}` });
}

function joinsNothing(driver: string): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot use --network with ":" for the driver "${driver}"`,
    why: 'it joins no network of a container',
    fix: ['--network=container:NAME', `or --network=${driver}`],
  });
}

function needsContainer(driver: string): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot use --network=${driver}`,
    why: 'it needs the name or id of a container',
    fix: `--network=${driver}:NAME`,
  });
}

function noNames(network: string): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot give an alias on network "${network}"`,
    why: 'names of containers resolve on networks that were made with tsbox network create',
    fix: ['leave out --network-alias', 'or tsbox network create backend, and --network=backend'],
  });
}

function otherDriver({ name, driver }: NetworkObject, own: string): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot connect the container to network "${name}"`,
    why: `it is of the driver "${driver}", and the container's other network of "${own}"`,
    fix: `tsbox network disconnect ${name} CONTAINER`,
  });
}
