import { addressBytes, type NetlinkMessage, netmask, nft, type Subnet } from '../../core/plugin/index.js';

const {
  ct,
  cmp,
  dnat,
  fibDaddrType,
  lookup,
  mask,
  masquerade,
  meta,
  newChain,
  newRule,
  newSet,
  newTable,
  payload,
  verdict,
} = nft;
const [R0, R1, R2, , R4, R5] = nft.REGISTER;

/** Published ports: of every address of the host, and of one. */
export const PUBLISHED_ANY = 'published_any';
export const PUBLISHED_ON = 'published_on';
/** Links that do not forward unless we make them. */
const SILENT = 'silent_links';

export interface RulesetFacts {
  /** The table is named after it. */
  readonly bridge: string;
  readonly subnet: Subnet;
  /** Links whose forwarding we switched on; nothing is forwarded between them. */
  readonly silent: readonly string[];
  /** Nothing leads out of it, and nothing in. */
  readonly internal: boolean;
  /** Its containers do not reach each other: their ports of the bridge are isolated, and no detour is forwarded. */
  readonly isolated: boolean;
}

/**
 * The whole table of one network; made once. What a container publishes are elements of its maps.
 *
 * | chain | what it does |
 * |---|---|
 * | `guard` | drops what comes from the bridge for 127.0.0.0/8: route_localnet lets it in (CVE-2020-8558) |
 * | `inbound` | published ports, for packets from outside and from containers |
 * | `local` | published ports, for packets of the host itself, 127.0.0.1 included |
 * | `outbound` | masquerade: to the world; from the host's loopback; back to the bridge after `inbound` |
 * | `transit` | lets containers out and answers in, published ports in, and nothing else in |
 *
 * Networks are kept apart by that last chain: a packet from one bridge to another passes the chain of both,
 * and for that of its destination it is like one from outside.
 */
export function ruleset(facts: RulesetFacts): NetlinkMessage[] {
  const { bridge, subnet, silent, internal, isolated } = facts;
  const fromBridge = [meta('iifname', R0), cmp('==', R0, linkName(bridge))];
  const notFromBridge = [meta('iifname', R0), cmp('!=', R0, linkName(bridge))];
  const toBridge = [meta('oifname', R0), cmp('==', R0, linkName(bridge))];
  const notToBridge = [meta('oifname', R0), cmp('!=', R0, linkName(bridge))];
  const translated = [ct('status', R0), mask(R0, word(nft.IPS_DST_NAT)), cmp('!=', R0, word(0))];
  const untranslated = [ct('status', R0), mask(R0, word(nft.IPS_DST_NAT)), cmp('==', R0, word(0))];
  const answer = [ct('state', R0), mask(R0, word(nft.CT_ESTABLISHED_RELATED)), cmp('!=', R0, word(0))];
  const rule = (chain: string, ...parts: Buffer[][]) => newRule(bridge, chain, parts.flat());
  return [
    newTable(bridge),
    ...maps(bridge),
    newChain(bridge, { name: 'guard', type: 'filter', hook: 'prerouting', priority: 'raw' }),
    newChain(bridge, { name: 'inbound', type: 'nat', hook: 'prerouting', priority: 'dnat' }),
    newChain(bridge, { name: 'local', type: 'nat', hook: 'output', priority: 'dnat' }),
    newChain(bridge, { name: 'outbound', type: 'nat', hook: 'postrouting', priority: 'srcnat' }),
    newChain(bridge, { name: 'transit', type: 'filter', hook: 'forward', priority: 'filter' }),
    rule('guard', fromBridge, toLoopback(), [verdict('drop')]),
    // A neighbour on the wire can send packets for 127.0.0.1; they must not reach what is published there.
    rule('inbound', toLoopback(), [verdict('return')]),
    ...published(bridge, 'inbound'),
    ...published(bridge, 'local'),
    ...(internal ? [] : [rule('outbound', from(subnet), notToBridge, [masquerade()])]),
    rule('outbound', from({ base: LOOPBACK, prefix: 8 }), toBridge, [masquerade()]),
    rule('outbound', from(subnet), toBridge, translated, [masquerade()]),
    ...(isolated ? [rule('transit', fromBridge, toBridge, untranslated, [verdict('drop')])] : []),
    ...(internal ? [rule('transit', fromBridge, notToBridge, [verdict('drop')])] : []),
    ...(internal ? [rule('transit', toBridge, notFromBridge, [verdict('drop')])] : []),
    rule('transit', fromBridge, [verdict('accept')]),
    rule('transit', toBridge, answer, [verdict('accept')]),
    rule('transit', toBridge, translated, [verdict('accept')]),
    rule('transit', toBridge, [verdict('drop')]),
    ...(silent.length > 0 ? noTransit(bridge, silent, [...notFromBridge, ...notToBridge]) : []),
  ];
}

const LOOPBACK = 0x7f000000;

function maps(table: string): NetlinkMessage[] {
  const data = ['ipv4_addr', 'inet_service'] as const;
  return [
    newSet(table, { name: PUBLISHED_ANY, key: ['inet_proto', 'inet_service'], data }, 1),
    newSet(table, { name: PUBLISHED_ON, key: ['ipv4_addr', 'inet_proto', 'inet_service'], data }, 2),
  ];
}

/** The host must not become a router between its other links because of us. */
function noTransit(table: string, links: readonly string[], between: Buffer[]): NetlinkMessage[] {
  const elements = links.map((link) => ({ key: linkName(link) }));
  const inSet = [meta('iifname', R0), lookup(SILENT, R0), meta('oifname', R0), lookup(SILENT, R0)];
  return [
    newSet(table, { name: SILENT, key: ['ifname'] }, 3),
    ...nft.newElements(table, SILENT, elements),
    newRule(table, 'transit', [...between, ...inSet, verdict('drop')]),
  ];
}

/** Looks up protocol and port, with and without the address, where the destination is this host. */
function published(table: string, chain: string): NetlinkMessage[] {
  const toThisHost = [fibDaddrType(R0), cmp('==', R0, word(nft.ADDRESS_LOCAL))];
  const translate = dnat(nft.NFPROTO_IPV4, R4, R5);
  const onOne = [payload('network', 16, 4, R0), meta('l4proto', R1), payload('transport', 2, 2, R2)];
  const onAny = [meta('l4proto', R0), payload('transport', 2, 2, R1)];
  return [
    newRule(table, chain, [...toThisHost, ...onOne, lookup(PUBLISHED_ON, R0, R4), translate]),
    newRule(table, chain, [...toThisHost, ...onAny, lookup(PUBLISHED_ANY, R0, R4), translate]),
  ];
}

/** Source address in a subnet. */
function from({ base, prefix }: Subnet): Buffer[] {
  return [payload('network', 12, 4, R0), mask(R0, addressBytes(netmask(prefix))), cmp('==', R0, addressBytes(base))];
}

function toLoopback(): Buffer[] {
  return [payload('network', 16, 1, R0), cmp('==', R0, Uint8Array.of(LOOPBACK >>> 24))];
}

/** A link's name as the kernel compares it: all 16 bytes. */
function linkName(name: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.write(name);
  return bytes;
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
