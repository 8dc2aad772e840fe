import { attribute, parseAttributes } from '../attributes.js';
import { addressBytes, lastAddress, subnetOf } from '../ipv4.js';
import { type NetlinkMessage, NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST } from '../message.js';

/** IPv4 addresses of links: rtnetlink(7), `linux/if_addr.h`. */
export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
export const RTM_GETADDR = 22;

const AF_INET = 2;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_BROADCAST = 4;

export interface InterfaceAddress {
  /** Index of the link. */
  readonly link: number;
  readonly address: number;
  readonly prefix: number;
}

/** Adds an address; EEXIST if the link has it. */
export function newAddress(address: InterfaceAddress): NetlinkMessage {
  return addressMessage(RTM_NEWADDR, 'RTM_NEWADDR', NLM_F_CREATE | NLM_F_EXCL, address);
}

export function deleteAddress(address: InterfaceAddress): NetlinkMessage {
  return addressMessage(RTM_DELADDR, 'RTM_DELADDR', 0, address);
}

/** Asks for the IPv4 addresses of all links. */
export function dumpAddresses(): NetlinkMessage {
  const payload = ifaddrmsg({ link: 0, address: 0, prefix: 0 });
  return { type: RTM_GETADDR, flags: NLM_F_REQUEST | NLM_F_DUMP, payload, label: 'RTM_GETADDR' };
}

export function decodeAddress(payload: Buffer): InterfaceAddress {
  const attributes = parseAttributes(payload.subarray(8));
  // On a point-to-point link IFA_ADDRESS is the other side's; IFA_LOCAL is ours.
  const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
  return { link: payload.readUInt32LE(4), address: bytes?.readUInt32BE(0) ?? 0, prefix: payload.readUInt8(1) };
}

function addressMessage(type: number, name: string, flags: number, address: InterfaceAddress): NetlinkMessage {
  const bytes = addressBytes(address.address);
  const broadcast = addressBytes(lastAddress(subnetOf(address.address, address.prefix)));
  const attributes = [attribute(IFA_LOCAL, bytes), attribute(IFA_ADDRESS, bytes)];
  if (type === RTM_NEWADDR && address.prefix < 31) attributes.push(attribute(IFA_BROADCAST, broadcast));
  const payload = Buffer.concat([ifaddrmsg(address), ...attributes]);
  return { type, flags: NLM_F_REQUEST | NLM_F_ACK | flags, payload, label: `${name} on link ${address.link}` };
}

/** `struct ifaddrmsg`: family, prefix length, flags, scope, link. */
function ifaddrmsg({ link, prefix }: InterfaceAddress): Buffer {
  const bytes = Buffer.from([AF_INET, prefix, 0, 0, 0, 0, 0, 0]);
  bytes.writeUInt32LE(link, 4);
  return bytes;
}
