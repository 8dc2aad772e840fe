import {
  type AddressPool,
  type Attachment,
  type ChosenNetworks,
  type Endpoint,
  formatAddress,
  formatSubnet,
  macOf,
  type NetworkObject,
  parseAddress,
  TsboxError,
} from '../../core/plugin/index.js';
import { type BridgeSettings, bridgeSettings } from './bridge-settings.js';
import { type Lease, LeaseDirectory, type LeasedLink } from './leases.js';
import type { BridgeOptions } from './net-bridge-config.js';
import { BridgeNetwork, type Network } from './network.js';
import type { NetworkKernel } from './network-kernel.js';

/** A container on one network. */
export interface Connection {
  readonly attachment: Attachment;
  readonly settings: BridgeSettings;
  readonly network: Network;
  readonly lease: Lease & { readonly link: LeasedLink };
}

export interface ConnectionContext {
  readonly kernel: NetworkKernel;
  readonly options: BridgeOptions;
  readonly runroot: string;
  readonly chosen: ChosenNetworks;
  /** Of the container. */
  readonly id: string;
}

/** Where in the container a connection is, and at which link of the host it ends. */
export type ConnectionPlace = Pick<LeasedLink, 'name' | 'veth'> & { readonly wantsDefault: boolean };

/** By which the container reaches what is beyond its networks. */
export function outwardOf({ attachments }: ChosenNetworks): Attachment | undefined {
  return attachments.find(({ network }) => !network.internal);
}

/** Of the network of that place in the list. */
export function linkName(index: number): string {
  return `eth${index}`;
}

/** Makes the bridge where it is not there, and takes an address. Called under the network lock. @throws TsboxError */
export function takeConnection(context: ConnectionContext, attachment: Attachment, place: ConnectionPlace): Connection {
  const { network: object } = attachment;
  if (!context.chosen.exists(object)) throw isGone(object);
  const settings = bridgeSettings(object, context.options);
  const network = new BridgeNetwork(context.kernel, settings, context.runroot, context.chosen).ensure();
  const leases = LeaseDirectory.of(context.runroot, network.bridge);
  const describe = (address: string) => leaseOf({ attachment, settings, network, place, address });
  const lease = leases.take(context.id, poolOf(settings, network), attachment.ip, describe);
  return { attachment, settings, network, lease };
}

/** What {@link takeConnection} would answer, without doing anything. */
export function previewConnection(
  context: ConnectionContext,
  attachment: Attachment,
  place: ConnectionPlace,
): Connection {
  const settings = bridgeSettings(attachment.network, context.options);
  const network = new BridgeNetwork(context.kernel, settings, context.runroot, context.chosen).preview();
  const leases = LeaseDirectory.of(context.runroot, network.bridge);
  const address = leases.choose(poolOf(settings, network), attachment.ip);
  return { attachment, settings, network, lease: leaseOf({ attachment, settings, network, place, address }) };
}

/** As others are told of it. */
export function endpointOf({ attachment, lease }: Connection): Endpoint {
  return leasedEndpoint(attachment.network.name, lease);
}

export function leasedEndpoint(network: string, { address, link }: Lease): Endpoint {
  const { name = '', mac = '', prefix = 32, gateway } = link ?? {};
  return { network, link: name, address, prefix, mac, ...(gateway !== undefined && { gateway }) };
}

/** Name of the bridge that a network has, or would have. */
export function bridgeOf(
  { kernel, options, runroot }: Pick<ConnectionContext, 'kernel' | 'options' | 'runroot'>,
  network: NetworkObject,
): string {
  return new BridgeNetwork(kernel, bridgeSettings(network, options), runroot).name;
}

function poolOf({ range }: BridgeSettings, { subnet, gateway }: Network): AddressPool {
  return { subnet, gateway, ...(range && { range }) };
}

function leaseOf(parts: {
  readonly attachment: Attachment;
  readonly settings: BridgeSettings;
  readonly network: Network;
  readonly place: ConnectionPlace;
  readonly address: string;
}): Connection['lease'] {
  const { attachment, settings, network, place, address } = parts;
  const { name, veth, wantsDefault } = place;
  const mac = attachment.mac ?? macOf(parseAddress(address) as number);
  const link = { name, veth, mac, prefix: network.subnet.prefix };
  if (settings.internal) return { address, ports: [], link };
  const gateway = formatAddress(network.gateway);
  return { address, ports: [], link: { ...link, gateway, ...(wantsDefault && { isDefault: true }) } };
}

function isGone({ name }: NetworkObject): TsboxError {
  return new TsboxError('ERR_TSBOX_NO_SUCH_NETWORK', {
    what: `cannot use network "${name}"`,
    why: 'it was removed meanwhile',
    fix: `tsbox network create ${name}`,
  });
}

/** For a plan. */
export function describeConnection({ network, lease }: Connection): string {
  const made = network.index === 0 ? ', which is made with its nft table' : '';
  return `${lease.address} of ${formatSubnet(network.subnet)} on ${network.bridge}${made}`;
}

/** What was asked for, before an address is known. */
export function describeWish({ network, ip }: Attachment): string {
  return `${ip ?? 'an address'} on ${network.builtin ? 'the bridge' : `network ${network.name}`}`;
}
