import { type JsonObject, type Launch, RouteNetlink, type UndoContext } from '../../core/plugin/index.js';
import type { Network } from './network.js';
import type { NetworkKernel } from './network-kernel.js';

export const INNER_NAME = 'eth0';

/** The host's end: 15 characters, as many as the kernel takes. */
export function vethName(shortId: string): string {
  return `tsb${shortId}`;
}

/** Plugs the container's namespace into the bridge: one datagram with both ends, up and forwarding. */
export function plug(kernel: NetworkKernel, launch: Launch, network: Network, mac: string): void {
  const { index, mtu } = network;
  const alias = `tsbox ${launch.name}`.slice(0, 100);
  const outer = {
    name: vethName(launch.shortId),
    mtu,
    master: index,
    up: true,
    linkLocal: false,
    alias: `veth of ${alias}`,
  };
  kernel.route.createVeth(outer, { name: INNER_NAME, mtu, mac, up: true, namespace: { pid: launch.pid } });
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
