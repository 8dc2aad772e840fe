import { attribute, parseAttributes, u32Attribute } from '../attributes.js';
import { addressBytes, type Subnet } from '../ipv4.js';
import { type NetlinkMessage, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST } from '../message.js';

/** IPv4 routes: rtnetlink(7), `linux/rtnetlink.h`. */
export const RTM_NEWROUTE = 24;
export const RTM_DELROUTE = 25;
export const RTM_GETROUTE = 26;

const AF_INET = 2;
const RT_TABLE_MAIN = 254;
const RTPROT_BOOT = 3;
const RT_SCOPE_UNIVERSE = 0;
const RT_SCOPE_LINK = 253;
const RTN_UNICAST = 1;
const RTM_F_CLONED = 0x200;
const RTA_DST = 1;
const RTA_OIF = 4;
const RTA_GATEWAY = 5;
const RTA_PRIORITY = 6;
const RTA_TABLE = 15;

export interface Route {
  /** Prefix length 0 is the default route. */
  readonly destination: Subnet;
  /** Index of the link; undefined for routes without one (blackhole) or with several. */
  readonly link?: number;
  readonly gateway?: number;
  /** Lower is better. */
  readonly metric?: number;
  /** Default: main. */
  readonly table?: number;
}

/** Adds a route to the main table. */
export function newRoute(route: Route): NetlinkMessage {
  const { destination, link, gateway, metric } = route;
  const attributes: Buffer[] = [];
  if (destination.prefix > 0) attributes.push(attribute(RTA_DST, addressBytes(destination.base)));
  if (gateway !== undefined) attributes.push(attribute(RTA_GATEWAY, addressBytes(gateway)));
  if (link !== undefined) attributes.push(u32Attribute(RTA_OIF, link));
  if (metric !== undefined) attributes.push(u32Attribute(RTA_PRIORITY, metric));
  const scope = gateway === undefined ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
  const payload = Buffer.concat([rtmsg(destination.prefix, scope), ...attributes]);
  const flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
  return { type: RTM_NEWROUTE, flags, payload, label: 'RTM_NEWROUTE' };
}

/** Asks for all IPv4 routes of all tables. */
export function dumpRoutes(): NetlinkMessage {
  const payload = Buffer.alloc(12);
  payload.writeUInt8(AF_INET, 0);
  return { type: RTM_GETROUTE, flags: NLM_F_REQUEST | NLM_F_DUMP, payload, label: 'RTM_GETROUTE' };
}

/** Reads a route; undefined for an entry of the route cache. */
export function decodeRoute(payload: Buffer): Route | undefined {
  if (payload.readUInt32LE(8) & RTM_F_CLONED) return undefined;
  const attributes = parseAttributes(payload.subarray(12));
  const link = attributes.get(RTA_OIF)?.readUInt32LE(0);
  const gateway = attributes.get(RTA_GATEWAY)?.readUInt32BE(0);
  const metric = attributes.get(RTA_PRIORITY)?.readUInt32LE(0);
  return {
    destination: { base: attributes.get(RTA_DST)?.readUInt32BE(0) ?? 0, prefix: payload.readUInt8(1) },
    ...(link !== undefined && { link }),
    ...(gateway !== undefined && { gateway }),
    ...(metric !== undefined && { metric }),
    table: attributes.get(RTA_TABLE)?.readUInt32LE(0) ?? payload.readUInt8(4),
  };
}

/** `struct rtmsg`: family, lengths, tos, table, protocol, scope, type, flags. */
function rtmsg(prefix: number, scope: number): Buffer {
  return Buffer.from([AF_INET, prefix, 0, 0, RT_TABLE_MAIN, RTPROT_BOOT, scope, RTN_UNICAST, 0, 0, 0, 0]);
}
