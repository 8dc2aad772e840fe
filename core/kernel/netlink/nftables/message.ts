import { type NetlinkMessage, NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST } from '../message.js';

/** nf_tables over nfnetlink: `linux/netfilter/nfnetlink.h`, `linux/netfilter/nf_tables.h`. */
const NFNL_SUBSYS_NFTABLES = 10;
const NFNL_MSG_BATCH_BEGIN = 16;
const NFNL_MSG_BATCH_END = 17;

export const NFPROTO_UNSPEC = 0;
export const NFPROTO_INET = 1;
export const NFPROTO_IPV4 = 2;

export const NFT_MSG = {
  NEWTABLE: 0,
  GETTABLE: 1,
  DELTABLE: 2,
  NEWCHAIN: 3,
  GETCHAIN: 4,
  DELCHAIN: 5,
  NEWRULE: 6,
  GETRULE: 7,
  NEWSET: 9,
  DELSET: 11,
  NEWSETELEM: 12,
  GETSETELEM: 13,
  DELSETELEM: 14,
  GETGEN: 16,
} as const;
export type NftMessageName = keyof typeof NFT_MSG;

/** A change; it is only made as part of a {@link batch}. */
export function change(
  name: NftMessageName,
  target: string,
  attributes: readonly Uint8Array[],
  flags = 0,
  family = NFPROTO_IPV4,
): NetlinkMessage {
  return message(name, target, attributes, NLM_F_REQUEST | flags, family);
}

/** A question about one object, or about all of them. */
export function question(
  name: NftMessageName,
  target: string,
  attributes: readonly Uint8Array[],
  { all, family = NFPROTO_IPV4 }: { readonly all: boolean; readonly family?: number },
): NetlinkMessage {
  return message(name, target, attributes, NLM_F_REQUEST | (all ? NLM_F_DUMP : 0), family);
}

/** Wraps changes into one transaction: all of them are made, or none. */
export function batch(changes: readonly NetlinkMessage[]): NetlinkMessage[] {
  const last = changes.length - 1;
  // Errors are always reported; one acknowledgement, of the last change, says that all is committed.
  const acknowledged = changes.map((each, index) =>
    index === last ? { ...each, flags: each.flags | NLM_F_ACK } : each,
  );
  return [
    frame(NFNL_MSG_BATCH_BEGIN, 'nf_tables transaction'),
    ...acknowledged,
    frame(NFNL_MSG_BATCH_END, 'nf_tables commit'),
  ];
}

function message(
  name: NftMessageName,
  target: string,
  attributes: readonly Uint8Array[],
  flags: number,
  family: number,
): NetlinkMessage {
  const type = (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG[name];
  return {
    type,
    flags,
    payload: Buffer.concat([nfgenmsg(family, 0), ...attributes]),
    label: `NFT_MSG_${name} ${target}`,
  };
}

function frame(type: number, label: string): NetlinkMessage {
  return { type, flags: NLM_F_REQUEST, payload: nfgenmsg(NFPROTO_UNSPEC, NFNL_SUBSYS_NFTABLES), label };
}

/** `struct nfgenmsg`: family, version 0, resource id in network order. */
function nfgenmsg(family: number, resource: number): Buffer {
  return Buffer.from([family, 0, resource >> 8, resource & 0xff]);
}
