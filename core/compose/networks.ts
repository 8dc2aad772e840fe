import type { ResolvedNetwork, ResolvedVolume } from '../environments/types.js';
import type { KeyReader, ServiceBuilder, Unsupported } from './builder.js';
import { type Node, pairsOf } from './node.js';

const NETWORK_KEYS = [
  'name',
  'driver',
  'driver_opts',
  'ipam',
  'internal',
  'external',
  'labels',
  'attachable',
  'enable_ipv4',
];
const RANGES = ['subnet', 'gateway', 'ip_range'];

/** The top-level networks, by their name in the file; `default` is always there. */
export function readNetworks(
  node: Node | undefined,
  project: string,
  unsupported: Unsupported,
): Map<string, ResolvedNetwork> {
  const standard = { name: project, external: false, internal: false, options: {}, labels: {} };
  const networks = new Map<string, ResolvedNetwork>([['default', standard]]);
  for (const [key, value] of node?.entries() ?? []) {
    for (const [setting, child] of value.entries())
      if (!NETWORK_KEYS.includes(setting) && !setting.startsWith('x-'))
        unsupported.add(child, 'a network has no such setting');
    const external = value.child('external')?.flag() ?? false;
    const own = key === 'default' ? project : `${project}_${key}`;
    const driver = value.child('driver')?.text();
    networks.set(key, {
      name: value.child('name')?.text() ?? (external ? key : own),
      external,
      internal: value.child('internal')?.flag() ?? false,
      ...(driver !== undefined && driver !== 'default' && { driver }),
      ...ranges(value.child('ipam'), unsupported),
      options: tableOf(value.child('driver_opts')),
      labels: tableOf(value.child('labels')),
    });
  }
  return networks;
}

function ranges(ipam: Node | undefined, unsupported: Unsupported) {
  const configs = ipam?.child('config')?.items() ?? [];
  const driver = ipam?.child('driver');
  if (driver && driver.text() !== 'default') unsupported.add(driver, 'there is no such IPAM driver');
  for (const config of configs)
    for (const [key, value] of config.entries())
      if (!RANGES.includes(key)) unsupported.add(value, 'a range of addresses has no such setting');
  for (const further of configs.slice(1)) unsupported.add(further, 'a network has one range of addresses');
  const [first] = configs;
  const [subnet, gateway, ipRange] = RANGES.map((key) => first?.child(key)?.text());
  return {
    ...(subnet !== undefined && { subnet }),
    ...(gateway !== undefined && { gateway }),
    ...(ipRange !== undefined && { ipRange }),
  };
}

/** The top-level volumes, by their name in the file. */
export function readNamedVolumes(
  node: Node | undefined,
  project: string,
  unsupported: Unsupported,
): Map<string, ResolvedVolume> {
  const volumes = new Map<string, ResolvedVolume>();
  for (const [key, value] of node?.entries() ?? []) {
    for (const [setting, child] of value.entries()) {
      if (['name', 'external', 'labels'].includes(setting) || setting.startsWith('x-')) continue;
      if (setting === 'driver' && child.text() === 'local') continue;
      if (!child.isNull) unsupported.add(child, 'a volume is a directory of tsbox, without options');
    }
    const external = value.child('external')?.flag() ?? false;
    const name = value.child('name')?.text() ?? (external ? key : `${project}_${key}`);
    volumes.set(key, { name, external, labels: tableOf(value.child('labels')) });
  }
  return volumes;
}

const MEMBER_KEYS = ['aliases', 'ipv4_address', 'mac_address', 'priority'];

/** The networks of a service. */
export const readMemberships: KeyReader = (node, service) => {
  const entries = node.isMap ? node.entries() : node.items().map((item) => [item.text(), undefined, item] as const);
  const byPriority = entries.map(([name, member, item]) => ({
    name,
    member: member as Node | undefined,
    node: item ?? (member as Node),
  }));
  const priority = (member: Node | undefined) => (member?.isNull ? 0 : (member?.child('priority')?.number() ?? 0));
  byPriority.sort((a, b) => priority(b.member) - priority(a.member));
  for (const { name, member, node: place } of byPriority) {
    const network = service.project.networks.get(name);
    if (!network) throw place.bad(`there is no network "${name}"`, 'add it below the top-level "networks"');
    for (const [key, value] of member?.isMap ? member.entries() : [])
      if (!MEMBER_KEYS.includes(key) && !key.startsWith('x-'))
        service.unsupported(value, 'a service has no such setting of a network');
    const ip = member?.child('ipv4_address')?.text();
    const mac = member?.child('mac_address');
    if (mac) service.text('macAddress', mac);
    const aliases = [...new Set([service.name, ...(member?.child('aliases')?.texts() ?? [])])];
    service.networks.push({ network: network.name, aliases, ...(ip !== undefined && { ip }) });
  }
};

/** `host`, `none`, `bridge`, `service:NAME`, `container:NAME`. */
export const readNetworkMode: KeyReader = (node, service) => {
  const text = node.text();
  if (!text.startsWith('service:')) return service.text('network', node);
  const name = text.slice('service:'.length);
  if (!service.project.services.has(name)) throw node.bad(`there is no service "${name}"`);
  service.dependsOn.set(name, service.dependsOn.get(name) ?? 'started');
  service.text('network', node, `container:${containerName(name, service)}`);
};

function containerName(name: string, { project }: ServiceBuilder): string {
  return project.services.get(name)?.child('container_name')?.text() ?? `${project.name}-${name}`;
}

function tableOf(node: Node | undefined): Record<string, string> {
  return node ? Object.fromEntries(pairsOf(node).map(([key, value = '']) => [key, value])) : {};
}
