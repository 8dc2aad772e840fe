/** Linux's network configuration protocol, spoken through the gate: no ip, nft or iptables program. */
export * from './ipv4.js';
export type { NetlinkMessage } from './message.js';
export { NetlinkError } from './netlink-error.js';
export { NETLINK_NETFILTER, NETLINK_ROUTE, NetlinkSocket } from './netlink-socket.js';
export * as nft from './nftables/index.js';
export { NfTables } from './nftables/nf-tables.js';
export type { InterfaceAddress } from './route/address.js';
export type { Link, LinkChanges, MacvlanMode } from './route/link.js';
export type { Neighbour } from './route/neighbour.js';
export type { Route } from './route/route.js';
export { RouteNetlink } from './route/route-netlink.js';
