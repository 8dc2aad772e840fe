import {
  contains,
  formatAddress,
  formatSubnet,
  lastAddress,
  type NetworkSettings,
  parseAddress,
  parseSubnet,
  type Subnet,
  TsboxError,
} from '../../core/plugin/index.js';
import { LONGEST_PREFIX, MAX_MTU, MIN_MTU, SHORTEST_PREFIX } from './net-bridge-config.js';
import { collisionOf, type Surroundings } from './subnet.js';

/** Beyond those of the default network, sixteen to each; a bridge has at most 1,023 ports. */
const SECOND_NUMBERS = [217, 218, 219, 220, 221, 222, 223, 224];
const CANDIDATES = SECOND_NUMBERS.flatMap((second) =>
  Array.from({ length: 16 }, (_, index) => parseSubnet(`10.${second}.${index * 16}.0/20`) as Subnet),
);

/** Docker's names of the options that we have too. */
const DOCKER_NAMES: Readonly<Record<string, string>> = {
  'com.docker.network.driver.mtu': 'mtu',
  'com.docker.network.bridge.enable_icc': 'icc',
};

/** What `network create` makes: checked, with the subnet and the gateway that were left open. @throws TsboxError */
export function designBridge(asked: NetworkSettings, surroundings: Surroundings): NetworkSettings {
  const options = checkOptions(asked.options);
  const subnet = asked.subnet === undefined ? freeSubnet(surroundings) : askedSubnet(asked.subnet);
  const taken = collisionOf(subnet, surroundings);
  if (taken) throw invalid(`cannot use the subnet ${formatSubnet(subnet)}`, `it overlaps with ${taken}`, LEAVE_OUT);
  const gateway = asked.gateway === undefined ? subnet.base + 1 : addressIn(subnet, asked.gateway);
  const range = asked.ipRange === undefined ? undefined : rangeIn(subnet, asked.ipRange);
  return {
    internal: asked.internal,
    options,
    subnet: formatSubnet(subnet),
    gateway: formatAddress(gateway),
    ...(range && { ipRange: formatSubnet(range) }),
  };
}

const LEAVE_OUT = 'leave out --subnet: then one is chosen that is free';

function freeSubnet(surroundings: Surroundings): Subnet {
  const free = CANDIDATES.find((candidate) => !collisionOf(candidate, surroundings));
  if (free) return free;
  throw new TsboxError('ERR_TSBOX_NO_ADDRESS', {
    what: 'cannot choose a subnet',
    why: `all ${CANDIDATES.length} candidates are taken by networks, or by what this host has`,
    fix: ['give one: --subnet 10.200.0.0/24', 'tsbox network prune removes networks that nothing uses'],
    diagnosis: 'no-free-subnet',
  });
}

function askedSubnet(text: string): Subnet {
  const subnet = parseSubnet(text);
  if (subnet && subnet.prefix >= SHORTEST_PREFIX && subnet.prefix <= LONGEST_PREFIX) return subnet;
  const why = `it is not an IPv4 network with its own address, /${SHORTEST_PREFIX} to /${LONGEST_PREFIX}`;
  throw invalid(`cannot use the subnet ${text}`, why, '--subnet 10.200.0.0/24');
}

function addressIn(subnet: Subnet, text: string): number {
  const address = parseAddress(text);
  const inside = address !== undefined && contains(subnet, address);
  if (inside && address !== subnet.base && address !== lastAddress(subnet)) return address;
  const why = `it is not an address of ${formatSubnet(subnet)} that a machine can have`;
  throw invalid(`cannot use the gateway ${text}`, why, `--gateway ${formatAddress(subnet.base + 1)}`);
}

function rangeIn(subnet: Subnet, text: string): Subnet {
  const range = parseSubnet(text);
  if (range && range.prefix >= subnet.prefix && contains(subnet, range.base)) return range;
  throw invalid(`cannot use the range ${text}`, `it is not a part of ${formatSubnet(subnet)}`, 'leave out --ip-range');
}

function checkOptions(given: Readonly<Record<string, string>>): Record<string, string> {
  const options: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const own = DOCKER_NAMES[name] ?? name;
    if (own === 'mtu') options.mtu = String(mtuOf(value));
    else if (own === 'icc' && (value === 'true' || value === 'false')) options.icc = value;
    else if (own === 'icc')
      throw invalid(`cannot use -o ${name}=${value}`, 'it is neither true nor false', '-o icc=false');
    else
      throw invalid(
        `cannot use -o ${name}`,
        'networks of the driver "bridge" have no such option',
        '-o mtu=1400, -o icc=false',
      );
  }
  return options;
}

function mtuOf(text: string): number {
  const mtu = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (mtu >= MIN_MTU && mtu <= MAX_MTU) return mtu;
  throw invalid(`cannot use -o mtu=${text}`, `it is not a number from ${MIN_MTU} to ${MAX_MTU}`, '-o mtu=1400');
}

function invalid(what: string, why: string, fix: string): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', { what, why, fix });
}
