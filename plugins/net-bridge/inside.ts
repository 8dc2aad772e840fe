import {
  AT_FDCWD,
  addressBytes,
  type ChildProgram,
  type Gate,
  InterfaceSetup,
  type Launch,
  netmask,
  O_CLOEXEC,
  O_WRONLY,
  openOwnNetwork,
  parseAddress,
  runInNetworkNamespace,
} from '../../core/plugin/index.js';
import type { Connection } from './connection.js';
import type { Lease } from './leases.js';

/** Records what a container's own interfaces are given, as its leases have it. */
export function recordInterfaces(child: ChildProgram, launch: Launch, connections: readonly Connection[]): void {
  for (const { lease } of connections) {
    // IPv4 only, as on the bridge: no router advertisement of another container is believed.
    child.sysctl(`net/ipv6/conf/${lease.link.name}/disable_ipv6`, '1', { tolerate: ['ENOENT'] });
  }
  const setup = new InterfaceSetup(child).loopbackUp();
  for (const { lease } of connections) recordAddress(setup, lease);
  for (const { lease } of connections) {
    const { gateway, isDefault } = lease.link;
    if (isDefault && gateway !== undefined) setup.defaultRoute(addressBytes(parseAddress(gateway) as number));
  }
  setup.close();
  openOwnNetwork(child, launch.idMaps);
}

/** Records the address of one interface, as its lease has it. */
function recordAddress(setup: InterfaceSetup, { address, link }: Lease): void {
  if (!link) return;
  const mask = addressBytes(netmask(link.prefix));
  setup.address(link.name, addressBytes(parseAddress(address) as number), mask);
}

/** What a launch records for its interfaces, for one of a container that runs. */
export async function configureInside(gate: Gate, namespace: number, { lease }: Connection): Promise<void> {
  const { name, gateway, isDefault } = lease.link;
  await runInNetworkNamespace(gate, namespace, (child) => {
    noIpv6(child, name);
    const setup = new InterfaceSetup(child);
    recordAddress(setup, lease);
    if (isDefault && gateway !== undefined) recordRoute(setup, gateway);
    setup.close();
  });
}

export async function addDefaultRoute(gate: Gate, namespace: number, gateway: string): Promise<void> {
  await runInNetworkNamespace(gate, namespace, (child) => {
    const setup = new InterfaceSetup(child);
    recordRoute(setup, gateway);
    setup.close();
  });
}

/** One that the container made itself stays. */
function recordRoute(setup: InterfaceSetup, gateway: string): void {
  setup.defaultRoute(addressBytes(parseAddress(gateway) as number), ['EEXIST']);
}

/** No router advertisement of another container is believed. A /proc/sys/net is that of who looks. */
function noIpv6({ outside }: ChildProgram, link: string): void {
  const done = outside.label();
  const path = `/proc/sys/net/ipv6/conf/${link}/disable_ipv6`;
  const tolerate = { errnos: ['ENOENT'], goto: done };
  const file = outside.callTo('sysctl', 'openat', [AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0], { tolerate });
  const bytes = Buffer.from('1');
  outside.call('write', [file, bytes, bytes.length]);
  outside.call('close', [file]);
  outside.place(done);
}
