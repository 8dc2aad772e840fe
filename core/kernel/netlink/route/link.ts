import { attribute, parseAttributes, textAttribute, textOf, u32Attribute } from '../attributes.js';
import { formatMac, macBytes } from '../ipv4.js';
import { type NetlinkMessage, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST } from '../message.js';

/** Links: rtnetlink(7), `linux/if_link.h`. */
export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
export const RTM_GETLINK = 18;
export const RTM_SETLINK = 19;

export const IFF_UP = 0x1;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_LINK = 5;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_NET_NS_PID = 19;
const IFLA_IFALIAS = 20;
const IFLA_AF_SPEC = 26;
const IFLA_NET_NS_FD = 28;
const IFLA_EXT_MASK = 29;
const IFLA_NUM_TX_QUEUES = 31;
const IFLA_NUM_RX_QUEUES = 32;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const IFLA_INFO_SLAVE_KIND = 4;
const IFLA_INFO_SLAVE_DATA = 5;
const IFLA_BRPORT_ISOLATED = 33;
const IFLA_INET6_ADDR_GEN_MODE = 8;
const VETH_INFO_PEER = 1;
const IFLA_MACVLAN_MODE = 1;
/** `linux/if_link.h`: who of the links on one parent reaches whom. */
const MACVLAN_MODES = { private: 1, vepa: 2, bridge: 4 } as const;
const AF_INET6 = 10;
/** No link-local address: `IN6_ADDR_GEN_MODE_NONE`. */
const ADDRESS_GENERATION_NONE = 1;
/** Leaves the counters out of the answer; Linux 5.5. */
const RTEXT_FILTER_SKIP_STATS = 8;
const IFNAMSIZ = 16;
const IFALIASZ = 256;

/** A link as the kernel describes it. */
export interface Link {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  readonly mtu: number;
  /** Undefined for links without one, such as tunnels. */
  readonly mac: string | undefined;
  /** Index of the bridge that it is a port of. */
  readonly master: number | undefined;
  readonly alias: string | undefined;
  /** `bridge`, `veth` …; undefined for hardware. */
  readonly kind: string | undefined;
}

export interface LinkChanges {
  readonly up?: boolean;
  /** Bytes. */
  readonly mtu?: number;
  readonly mac?: string;
  /** Index of a bridge. */
  readonly master?: number;
  /** Index of the link that it is on; of a macvlan, at its creation. */
  readonly parent?: number;
  /** At most 255 bytes. Only {@link setLink} takes it: the kernel ignores it in a creation. */
  readonly alias?: string;
  /** The network namespace it is made in; default: ours. */
  readonly namespace?: { readonly pid: number } | { readonly fd: number };
  /** Of each direction, at creation; default: the kernel's choice. */
  readonly queues?: number;
  /** False: no IPv6 link-local address. Only {@link setLink} takes it. */
  readonly linkLocal?: boolean;
}

/** Creates a bridge; EEXIST if there is a link of that name. */
export function newBridge(name: string, changes: LinkChanges = {}): NetlinkMessage {
  const info = group(IFLA_LINKINFO, [kind('bridge')]);
  return message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, name, changes, [info]);
}

/**
 * Creates both ends of a veth pair. The peer cannot be created up (veth_open in the kernel wants
 * its other end), nor with a master.
 *
 * Without a number the kernel gives each end as many queues as there are CPUs, switches off all but one, and waits
 * for a grace period of RCU after that.
 */
export function newVeth(name: string, changes: LinkChanges, peer: string, peerChanges: LinkChanges): NetlinkMessage {
  const body = Buffer.concat([ifinfomsg(0, {}), ...linkAttributes(peer, { ...peerChanges, queues: 1 })]);
  const data = group(IFLA_INFO_DATA, [attribute(VETH_INFO_PEER, body)]);
  const info = group(IFLA_LINKINFO, [kind('veth'), data]);
  return message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, name, { ...changes, queues: 1 }, [info]);
}

/** `bridge`: links on one parent reach each other; `private`: they do not; `vepa`: by way of the switch outside. */
export type MacvlanMode = keyof typeof MACVLAN_MODES;

/** Creates a link with a MAC address of its own on its parent, a link of ours; it may be in another namespace. */
export function newMacvlan(name: string, changes: LinkChanges, mode: MacvlanMode): NetlinkMessage {
  const data = group(IFLA_INFO_DATA, [u32Attribute(IFLA_MACVLAN_MODE, MACVLAN_MODES[mode])]);
  const info = group(IFLA_LINKINFO, [kind('macvlan'), data]);
  return message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, name, changes, [info]);
}

export function setLink(name: string, changes: LinkChanges): NetlinkMessage {
  return message(RTM_SETLINK, 0, name, changes, []);
}

/** Isolates a port of a bridge from all other isolated ones; Linux 4.18. Only RTM_NEWLINK takes what is the port's. */
export function isolatePort(name: string): NetlinkMessage {
  const port = group(IFLA_INFO_SLAVE_DATA, [attribute(IFLA_BRPORT_ISOLATED, Uint8Array.of(1))]);
  const info = group(IFLA_LINKINFO, [attribute(IFLA_INFO_SLAVE_KIND, Buffer.from('bridge')), port]);
  return message(RTM_NEWLINK, 0, name, {}, [info]);
}

export function deleteLink(name: string): NetlinkMessage {
  return message(RTM_DELLINK, 0, name, {}, []);
}

export function getLink(name: string): NetlinkMessage {
  const payload = Buffer.concat([
    ifinfomsg(0, {}),
    nameAttribute(name),
    u32Attribute(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS),
  ]);
  return { type: RTM_GETLINK, flags: NLM_F_REQUEST, payload, label: `RTM_GETLINK ${name}` };
}

export function dumpLinks(): NetlinkMessage {
  const payload = Buffer.concat([ifinfomsg(0, {}), u32Attribute(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)]);
  return { type: RTM_GETLINK, flags: NLM_F_REQUEST | NLM_F_DUMP, payload, label: 'RTM_GETLINK' };
}

export function decodeLink(payload: Buffer): Link {
  const attributes = parseAttributes(payload.subarray(16));
  const mac = attributes.get(IFLA_ADDRESS);
  const info = attributes.get(IFLA_LINKINFO);
  return {
    index: payload.readInt32LE(4),
    name: textOf(attributes.get(IFLA_IFNAME)) ?? '',
    up: (payload.readUInt32LE(8) & IFF_UP) !== 0,
    mtu: attributes.get(IFLA_MTU)?.readUInt32LE(0) ?? 0,
    mac: mac?.length === 6 ? formatMac(mac) : undefined,
    master: attributes.get(IFLA_MASTER)?.readUInt32LE(0),
    alias: textOf(attributes.get(IFLA_IFALIAS)),
    kind: info && textOf(parseAttributes(info).get(IFLA_INFO_KIND)),
  };
}

function message(type: number, flags: number, name: string, changes: LinkChanges, extra: Buffer[]): NetlinkMessage {
  const payload = Buffer.concat([ifinfomsg(0, changes), ...linkAttributes(name, changes), ...extra]);
  return { type, flags: NLM_F_REQUEST | NLM_F_ACK | flags, payload, label: `${LABELS[type]} ${name}` };
}

const LABELS: Readonly<Record<number, string>> = {
  [RTM_NEWLINK]: 'RTM_NEWLINK',
  [RTM_DELLINK]: 'RTM_DELLINK',
  [RTM_SETLINK]: 'RTM_SETLINK',
};

/** `struct ifinfomsg`: family, type, index, flags, and which flags are meant. */
function ifinfomsg(index: number, { up }: LinkChanges): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeInt32LE(index, 4);
  bytes.writeUInt32LE(up ? IFF_UP : 0, 8);
  bytes.writeUInt32LE(up === undefined ? 0 : IFF_UP, 12);
  return bytes;
}

function linkAttributes(name: string, changes: LinkChanges): Buffer[] {
  const { mac, mtu, master, parent, alias, namespace, linkLocal, queues } = changes;
  const attributes: Buffer[] = [];
  if (mac !== undefined) attributes.push(attribute(IFLA_ADDRESS, macBytes(mac)));
  if (mtu !== undefined) attributes.push(u32Attribute(IFLA_MTU, mtu));
  if (master !== undefined) attributes.push(u32Attribute(IFLA_MASTER, master));
  if (namespace && 'pid' in namespace) attributes.push(u32Attribute(IFLA_NET_NS_PID, namespace.pid));
  if (namespace && 'fd' in namespace) attributes.push(u32Attribute(IFLA_NET_NS_FD, namespace.fd));
  if (parent !== undefined) attributes.push(u32Attribute(IFLA_LINK, parent));
  if (queues !== undefined)
    attributes.push(u32Attribute(IFLA_NUM_TX_QUEUES, queues), u32Attribute(IFLA_NUM_RX_QUEUES, queues));
  attributes.push(nameAttribute(name));
  if (alias !== undefined) attributes.push(aliasAttribute(alias));
  if (linkLocal === false) attributes.push(noLinkLocal());
  return attributes;
}

function nameAttribute(name: string): Buffer {
  const length = Buffer.byteLength(name);
  if (length === 0 || length >= IFNAMSIZ) throw new RangeError(`link name ${JSON.stringify(name)}: 1 to 15 bytes`);
  return textAttribute(IFLA_IFNAME, name);
}

function aliasAttribute(alias: string): Buffer {
  const bytes = Buffer.from(alias);
  if (bytes.length >= IFALIASZ) throw new RangeError(`link alias of ${bytes.length} bytes`);
  return attribute(IFLA_IFALIAS, bytes);
}

function noLinkLocal(): Buffer {
  const mode = attribute(IFLA_INET6_ADDR_GEN_MODE, Uint8Array.of(ADDRESS_GENERATION_NONE));
  return group(IFLA_AF_SPEC, [group(AF_INET6, [mode])]);
}

function kind(name: 'bridge' | 'macvlan' | 'veth'): Buffer {
  return attribute(IFLA_INFO_KIND, Buffer.from(name));
}

/** Attributes of links are older than the flag that says "nested", and are sent without it. */
function group(type: number, attributes: readonly Buffer[]): Buffer {
  return attribute(type, Buffer.concat(attributes));
}
