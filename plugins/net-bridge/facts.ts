import { formatSubnet, type JsonObject } from '../../core/plugin/index.js';
import { type Connection, endpointOf } from './connection.js';

/** What is shown and remembered of a container: its first network, its ports, and all its endpoints. */
export function bridgeFacts(connections: readonly Connection[]): JsonObject {
  const ports = connections.flatMap(({ lease }) => lease.ports.map((port) => ({ ...port })));
  const networks = connections.map(endpointOf);
  const [first] = connections;
  if (!first) return { ports, networks };
  const { network, lease } = first;
  const { mac, veth, gateway } = lease.link;
  return {
    bridge: network.bridge,
    address: lease.address,
    subnet: formatSubnet(network.subnet),
    ...(gateway !== undefined && { gateway }),
    mac,
    mtu: network.mtu,
    veth,
    ports,
    networks,
  };
}
