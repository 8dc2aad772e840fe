import type { JsonObject } from '../../plugin/launch.js';
import type { Endpoint } from '../../plugin/networks.js';
import type { ContainerState } from '../../state/containers.js';
import type { ContainerDetails } from '../../state/record.js';
import { portBindings } from './host-config.js';

const NOWHERE: Endpoint = { network: '', link: '', address: '', prefix: 0, mac: '' };

/** Addresses and ports while it runs; afterwards the names of its networks. */
export function networkSettingsOf({ record, pid }: ContainerState, { facts }: ContainerDetails) {
  const endpoints = pid === undefined ? [] : endpointsOf(facts);
  const [first = NOWHERE] = endpoints;
  const onNetwork = (name: string) => endpointOf(endpoints.find(({ network }) => network === name) ?? NOWHERE);
  return {
    SandboxKey: pid === undefined ? '' : `/proc/${pid}/ns/net`,
    Ports: pid === undefined ? {} : portBindings(record.ports.map((port) => ({ hostIp: '0.0.0.0', ...port }))),
    Gateway: first.gateway ?? '',
    IPAddress: first.address,
    IPPrefixLen: first.prefix,
    MacAddress: first.mac,
    Networks: Object.fromEntries(record.networks.map((name) => [name, onNetwork(name)])),
  };
}

/** A network driver shows what it has in its facts, as `networks`. */
export function endpointsOf(facts: JsonObject): readonly Endpoint[] {
  for (const own of Object.values(facts)) {
    if (typeof own !== 'object' || own === null || !('networks' in own)) continue;
    if (Array.isArray(own.networks)) return own.networks as readonly Endpoint[];
  }
  return [];
}

function endpointOf({ address, prefix, gateway = '', mac, link }: Endpoint) {
  return { IPAddress: address, IPPrefixLen: prefix, Gateway: gateway, MacAddress: mac, Link: link };
}
