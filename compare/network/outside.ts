import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import {
  contains,
  formatAddress,
  type Gate,
  InterfaceSetup,
  overlaps,
  parseSubnet,
  RouteNetlink,
  runInNetworkNamespace,
  type Subnet,
  subnetOf,
} from '../../core/plugin/index.js';
import { opening } from '../opened.js';
import type { Actor } from './actor.js';
import { type Lab, startInContainer } from './lab.js';

/** TEST-NET-2, which is nobody's (RFC 5737); each pair takes four addresses of it. */
const NOBODYS: Subnet = { base: (parseSubnet('198.51.100.0/24') as Subnet).base, prefix: 24 };
const PREFIX = 30;
const INNER = 'eth0';

/** The world outside, as far as it is needed: a namespace behind a link of the host, which knows nobody but the host. */
export interface Outside {
  readonly actor: Actor;
  readonly address: string;
  close(): Promise<void>;
}

let count = 0;

/**
 * Makes it: a container without a network, and a veth pair between it and the host. Nothing of it is on disk; the
 * pair ends with the container, whoever has died.
 */
export function makeOutside(lab: Lab): Promise<Outside> {
  return opening(async (opened) => {
    const actor = opened.add(await startInContainer(lab, 'none'), (it) => it.close());
    const route = opened.add(new RouteNetlink(lab.gate), (it) => it.close());
    const { base } = freeSubnet(route);
    count += 1;
    const link = `tsc${process.pid}-${count}`;
    const inner = { name: INNER, up: true, namespace: { pid: actor.box.pid } };
    route.createVeth({ name: link, up: true, linkLocal: false }, inner);
    // The kernel removes it with the namespace, but some time later.
    opened.add(link, () => route.deleteLink(link));
    const { index } = route.link(link) as { index: number };
    route.addAddress({ link: index, address: base + 1, prefix: PREFIX });
    const address = formatAddress(base + 2);
    await setAddress(lab.gate, actor.box.pid, address);
    return { actor, address, close: () => opened.close() };
  });
}

async function setAddress(gate: Gate, pid: number, address: string): Promise<void> {
  const namespace = openSync(join('/proc', String(pid), 'ns/net'), 'r');
  try {
    await runInNetworkNamespace(gate, namespace, (child) =>
      new InterfaceSetup(child).address(INNER, address, PREFIX).close(),
    );
  } finally {
    closeSync(namespace);
  }
}

/** Four addresses that no link of the host has or leads to. @throws Error when somebody uses all of them */
function freeSubnet(route: RouteNetlink): Subnet {
  const taken = route.addresses().map(({ address, prefix }) => subnetOf(address, prefix));
  for (let base = NOBODYS.base; contains(NOBODYS, base); base += 4) {
    const subnet = { base, prefix: PREFIX };
    if (!taken.some((other) => other.prefix > 0 && overlaps(subnet, other))) return subnet;
  }
  throw new Error('all of 198.51.100.0/24 is in use on this host');
}
