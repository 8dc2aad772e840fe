import { createHash } from 'node:crypto';
import { type NetworkObject, parseAddress, parseSubnet, type Subnet } from '../../core/plugin/index.js';
import type { BridgeOptions } from './net-bridge-config.js';

/** One network as this driver makes it: the default one of the config file, or one that `network create` made. */
export interface BridgeSettings extends BridgeOptions {
  /** Address of the bridge; default: the first of the subnet. */
  readonly gateway?: number;
  /** Where addresses are given out from; default: the subnet. */
  readonly range?: Subnet;
  /** Nothing leads out of it, and nothing in. */
  readonly internal: boolean;
  /** Its containers do not reach each other. */
  readonly isolated: boolean;
}

/** No hexadecimal digit follows, as it does in the names of veth pairs. */
const MADE = 'tsbn';

/** The bridge of a network that was made: 14 characters. */
export function bridgeName(id: string): string {
  return `${MADE}${id.slice(0, 10)}`;
}

/** Whether a bridge is that of a network that was made: names of containers resolve there. */
export function hasNames(bridge: string): boolean {
  return bridge.startsWith(MADE);
}

/** @param options of the config file: the default network is made by them, others take the name servers */
export function bridgeSettings(network: NetworkObject, options: BridgeOptions): BridgeSettings {
  if (network.builtin) return { ...options, internal: false, isolated: false };
  const { mtu, icc } = network.options;
  const [subnet, range] = [network.subnet, network.ipRange].map((text) => text && parseSubnet(text));
  const gateway = network.gateway && parseAddress(network.gateway);
  return {
    bridge: bridgeName(network.id),
    nameservers: options.nameservers,
    internal: network.internal,
    isolated: icc === 'false',
    ...(mtu !== undefined ? { mtu: Number(mtu) } : options.mtu !== undefined && { mtu: options.mtu }),
    ...(subnet && { subnet }),
    ...(range && { range }),
    ...(gateway && { gateway }),
  };
}

/**
 * The host's end of a veth pair, 15 characters at most: by the container's id on the first of its networks,
 * by both ids on any other.
 */
export function vethName(container: string, bridge?: string): string {
  if (bridge === undefined) return `tsb${container.slice(0, 12)}`;
  return `tsbv${createHash('sha256').update(`${container} ${bridge}`).digest('hex').slice(0, 11)}`;
}
