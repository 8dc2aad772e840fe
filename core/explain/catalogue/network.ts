import type { CatalogueEntry } from '../diagnosis.js';
import { hasErrno, isAction } from '../facts.js';

/** Bridges, addresses and ports. */
export const NETWORK: readonly CatalogueEntry[] = [
  {
    id: 'nft-missing',
    title: 'The kernel has no nf_tables',
    why: 'The network driver bridge puts address translation and published ports into a table of nf_tables, which this kernel does not offer.',
    fix: ['modprobe nf_tables', 'or use --network=none or --network=host'],
    see: ['nft(8)'],
  },
  {
    id: 'nft-not-permitted',
    title: 'nf_tables may not be used',
    why: 'This process has no CAP_NET_ADMIN over its network namespace.',
    fix: [
      'run tsbox as root of the network namespace; in docker: --cap-add=NET_ADMIN',
      'or use --network=none or --network=host',
    ],
    see: ['capabilities(7)', 'nft(8)'],
    match: ({ facts }) =>
      hasErrno(facts, 'EPERM') && isAction(facts, 'sendmsg', 'sendto', 'recvmsg', 'netlink') ? {} : undefined,
  },
  {
    id: 'proc-sys-read-only',
    title: '/proc/sys is read-only',
    why: 'Forwarding is switched on in /proc/sys, which is mounted read-only, as inside of a container.',
    fix: [
      'run tsbox on the host itself, or in a container with --privileged',
      'or use --network=none or --network=host',
    ],
    see: ['proc_sys(5)'],
  },
  {
    id: 'subnet-clash',
    title: 'The subnet is in use',
    why: 'The subnet that was asked for overlaps a route, an address or a name server of this host, or another network of tsbox.',
    fix: [
      'ip route and tsbox network ls show what is taken',
      'choose another subnet, or leave it out: then one is chosen that is free',
    ],
    see: ['ip-route(8)'],
  },
  {
    id: 'no-free-subnet',
    title: 'No subnet is free',
    why: 'Every subnet that tsbox would choose overlaps with something of this host.',
    fix: [
      'tsbox network prune removes networks that nothing uses',
      'give one: tsbox network create --subnet 10.200.0.0/24 NAME',
    ],
    see: ['ip-route(8)'],
  },
  {
    id: 'addresses-exhausted',
    title: 'All addresses of the network are taken',
    why: 'Each container has an address of its own for as long as it runs, and the subnet has no more.',
    fix: ['stop a container', 'or use a network with a wider subnet: tsbox network create --subnet 10.200.0.0/16 NAME'],
  },
  {
    id: 'address-in-use',
    title: 'Another container has the address',
    why: 'The address that --ip asks for is leased.',
    fix: ['choose another one, or leave out --ip'],
  },
  {
    id: 'port-in-use',
    title: 'The port is in use',
    why: 'A program of this host listens on the port, or another container has published it.',
    fix: [
      "see who has it: ss -ltnp '( sport = :PORT )', or tsbox ps",
      'choose another port, or let tsbox choose: -p CONTAINER_PORT',
    ],
    see: ['ss(8)'],
  },
];
