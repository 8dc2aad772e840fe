import { parseAttributes } from '../attributes.js';
import { formatMac } from '../ipv4.js';
import { type NetlinkMessage, NLM_F_DUMP, NLM_F_REQUEST } from '../message.js';

/** The ARP table: rtnetlink(7), `linux/neighbour.h`. */
export const RTM_NEWNEIGH = 28;
export const RTM_GETNEIGH = 30;

const AF_INET = 2;
const NDA_DST = 1;
const NDA_LLADDR = 2;

export interface Neighbour {
  /** Index of the link. */
  readonly link: number;
  readonly address: number;
  /** Undefined while it is not resolved. */
  readonly mac: string | undefined;
}

/** Asks for the ARP entries of all links. */
export function dumpNeighbours(): NetlinkMessage {
  const payload = Buffer.alloc(12);
  payload.writeUInt8(AF_INET, 0);
  return { type: RTM_GETNEIGH, flags: NLM_F_REQUEST | NLM_F_DUMP, payload, label: 'RTM_GETNEIGH' };
}

export function decodeNeighbour(payload: Buffer): Neighbour {
  const attributes = parseAttributes(payload.subarray(12));
  const mac = attributes.get(NDA_LLADDR);
  return {
    link: payload.readInt32LE(4),
    address: attributes.get(NDA_DST)?.readUInt32BE(0) ?? 0,
    mac: mac && formatMac(mac),
  };
}
