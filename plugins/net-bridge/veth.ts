import { type JsonObject, RouteNetlink, type UndoContext } from '../../core/plugin/index.js';
import type { Connection } from './connection.js';
import type { NetworkKernel } from './network-kernel.js';

/** The network namespace at the inner end. */
export type Inside = { readonly pid: number } | { readonly fd: number };

/** Plugs a container's namespace into the bridge: one datagram with both ends, up and forwarding. */
export function plug(kernel: NetworkKernel, container: string, connection: Connection, inside: Inside): void {
  const { network, settings, lease } = connection;
  const { index, mtu } = network;
  const { name, veth, mac } = lease.link;
  const alias = `veth of tsbox ${container}`.slice(0, 108);
  const { isolated } = settings;
  const outer = { name: veth, mtu, master: index, up: true, linkLocal: false, alias, isolated };
  kernel.route.createVeth(outer, { name, mtu, mac, up: true, namespace: inside });
}

/** Removes the pair, from whichever end is left of it. */
export function unplug(args: JsonObject, { gate }: UndoContext): void {
  const route = new RouteNetlink(gate);
  try {
    route.deleteLink(String(args.veth));
  } finally {
    route.close();
  }
}
