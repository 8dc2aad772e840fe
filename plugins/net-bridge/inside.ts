import {
  AT_FDCWD,
  addressBytes,
  type ChildProgram,
  formatAddress,
  type Gate,
  InterfaceSetup,
  type Launch,
  netmask,
  O_CLOEXEC,
  O_WRONLY,
  openOwnNetwork,
  parseAddress,
  runInNetworkNamespace,
  Variable,
} from '../../core/plugin/index.js';
import type { Connection } from './connection.js';

/** Records what a container's own interfaces are given, as its leases have it: {@link interfaceVariables}. */
export function recordInterfaces(child: ChildProgram, launch: Launch, connections: readonly Connection[]): void {
  for (const { lease } of connections) {
    // IPv4 only, as on the bridge: no router advertisement of another container is believed.
    child.sysctl(`net/ipv6/conf/${lease.link.name}/disable_ipv6`, '1', { tolerate: ['ENOENT'] });
  }
  const setup = new InterfaceSetup(child).loopbackUp();
  for (const { lease } of connections) recordAddress(setup, lease);
  for (const { lease } of connections) if (leadsOut(lease)) setup.defaultRoute(variable(lease, 'gateway'));
  setup.close();
  openOwnNetwork(child, launch.idMaps);
}

/** What differs between containers that are on the same networks, by the names that it is recorded by. */
export function interfaceVariables(connections: readonly Connection[]): Record<string, Uint8Array> {
  const variables = connections.flatMap(({ lease }) => {
    const kinds = ['address', 'mask', ...(leadsOut(lease) ? ['gateway' as const] : [])] as const;
    return kinds.map((kind) => variable(lease, kind));
  });
  return Object.fromEntries(variables.map(({ name, bytes }) => [name, bytes]));
}

type LinkedLease = Connection['lease'];

function leadsOut({ link: { gateway, isDefault } }: LinkedLease): boolean {
  return isDefault === true && gateway !== undefined;
}

function variable({ address, link }: LinkedLease, kind: 'address' | 'mask' | 'gateway'): Variable {
  const { name, prefix, gateway = '' } = link;
  const text = { address, gateway, mask: formatAddress(netmask(prefix)) }[kind];
  return new Variable(`${name} ${kind}`, addressBytes(parseAddress(text) as number), text);
}

/** Records the address of one interface, as its lease has it. */
function recordAddress(setup: InterfaceSetup, lease: LinkedLease): void {
  setup.address(lease.link.name, variable(lease, 'address'), variable(lease, 'mask'));
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
