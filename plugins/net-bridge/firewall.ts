import { nft } from '../../core/plugin/index.js';
import type { NetworkKernel } from './network-kernel.js';

/**
 * Names the first chain of somebody else that drops what containers send and get: a base chain on
 * the forward hook with policy drop, in a table that has no rule about our bridge.
 *
 * An accept in our own table does not help: netfilter asks every chain. iptables-nft's chains are
 * among these; those of the older iptables are not visible to nf_tables.
 */
export function droppingChain({ nft: tables }: NetworkKernel, bridge: string): string | undefined {
  const families = new Map([
    [nft.NFPROTO_INET, 'inet'],
    [nft.NFPROTO_IPV4, 'ip'],
  ]);
  const chains = tables
    .chains()
    .filter(({ hook, drops, family }) => hook === nft.HOOK.forward && drops && families.has(family));
  const dropping = chains.find(({ family, table }) => !tables.mentions(family, table, Buffer.from(`${bridge}\0`)));
  return dropping && `${families.get(dropping.family)} ${dropping.table} ${dropping.name}`;
}

/** What to tell the user about it. */
export function droppingWarning(chain: string, bridge: string): string {
  return (
    `the firewall chain "${chain}" of this host drops forwarded packets: the container reaches the host and other ` +
    `containers, but nothing beyond, and published ports work from this host only; allow it there, for example: ` +
    `nft insert rule ${chain} iifname ${bridge} accept; nft insert rule ${chain} oifname ${bridge} accept`
  );
}
