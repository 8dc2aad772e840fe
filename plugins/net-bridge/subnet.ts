import {
  contains,
  formatAddress,
  formatSubnet,
  type InterfaceAddress,
  type NetworkObject,
  overlaps,
  parseSubnet,
  type Route,
  type Subnet,
  subnetOf,
  TsboxError,
} from '../../core/plugin/index.js';

/** Private networks (RFC 1918) that few others use; from wide to narrow. */
const CANDIDATES = [
  ...[209, 210, 211, 212, 213, 214, 215, 216].map((second) => `10.${second}.0.0/16`),
  ...[26, 27, 28, 29, 30].map((second) => `172.${second}.0.0/16`),
  ...[209, 210, 211, 212, 213, 214, 215, 216].map((third) => `192.168.${third}.0/24`),
].map((text) => parseSubnet(text) as Subnet);

/** What the host already uses. */
export interface Surroundings {
  readonly routes: readonly Route[];
  readonly addresses: readonly InterfaceAddress[];
  /** Name servers; they may lie behind the default route. */
  readonly servers: readonly number[];
  /** Networks of tsbox that were made, in use or not. */
  readonly networks?: readonly NetworkObject[];
}

/** The subnet that is asked for, or the first that collides with nothing. @throws TsboxError */
export function chooseSubnet(asked: Subnet | undefined, surroundings: Surroundings): Subnet {
  if (asked) {
    const collision = collisionOf(asked, surroundings);
    if (collision) throw collides(asked, collision);
    return asked;
  }
  const free = CANDIDATES.find((candidate) => !collisionOf(candidate, surroundings));
  if (free) return free;
  throw new TsboxError('ERR_TSBOX_NO_ADDRESS', {
    what: 'cannot choose a subnet for the bridge',
    why: 'every candidate collides with a route, an address or a name server of this host',
    fix: 'choose a free one in the config file: { "driverOptions": { "bridge": { "subnet": "…/24" } } }',
    diagnosis: 'no-free-subnet',
  });
}

/** What a subnet collides with, in words; undefined if it is free. */
export function collisionOf(subnet: Subnet, surroundings: Surroundings): string | undefined {
  const network = surroundings.networks?.find((each) => {
    const own = each.subnet === undefined ? undefined : parseSubnet(each.subnet);
    return own && overlaps(own, subnet);
  });
  if (network) return `network "${network.name}" (${network.subnet})`;
  const found = collisionOnHost(subnet, surroundings);
  return found && `${found} of this host`;
}

function collisionOnHost(subnet: Subnet, { routes, addresses, servers }: Surroundings): string | undefined {
  // A default route covers everything and means nothing.
  const route = routes.find(({ destination }) => destination.prefix > 0 && overlaps(destination, subnet));
  if (route) return `the route to ${formatSubnet(route.destination)}`;
  const address = addresses.find(({ address, prefix }) => overlaps(subnetOf(address, prefix), subnet));
  if (address) return `the address ${formatAddress(address.address)}/${address.prefix}`;
  const server = servers.find((candidate) => contains(subnet, candidate));
  return server === undefined ? undefined : `the name server ${formatAddress(server)}`;
}

function collides(subnet: Subnet, collision: string): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot use the subnet ${formatSubnet(subnet)}`,
    why: `it collides with ${collision}`,
    fix: ['choose another subnet', 'or leave out the option: then one is chosen that collides with nothing'],
    diagnosis: 'subnet-clash',
  });
}
