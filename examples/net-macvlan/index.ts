import { join } from 'node:path';
import {
  AddressLeases,
  type AddressPool,
  type ChildProgram,
  definePlugin,
  GATE,
  type Gate,
  HOST,
  type Host,
  InterfaceSetup,
  type Launch,
  macOf,
  type NetworkDriver,
  type OptionValues,
  openOwnNetwork,
  parseAddress,
  parseSubnet,
  RouteNetlink,
  type Support,
  unsupported,
  WORKS,
} from 'tsbox/plugin';

const address = { type: 'string', pattern: '^[0-9./]+$' } as const;
const table = {
  parent: { type: 'string', required: true, pattern: '^[^/]+$', description: 'link of the host that is on the wire' },
  mode: { type: 'string', enum: ['bridge', 'private'], default: 'bridge', description: 'reach each other, or not' },
  subnet: { ...address, required: true, description: 'a.b.c.d/n, that of the wire' },
  range: { ...address, description: 'the part of it for containers that are started without --ip' },
  gateway: { ...address, description: 'a.b.c.d, the way out' },
} as const;

/** A link of the container's own on the wire of one of the host's links. */
class MacvlanDriver implements NetworkDriver {
  readonly capabilities = { ownNamespace: true, ports: false, address: true, unprivileged: false } as const;
  readonly #route: RouteNetlink;

  constructor(
    gate: Gate,
    readonly host: Host,
    readonly options: OptionValues<typeof table>,
  ) {
    this.#route = new RouteNetlink(gate);
  }

  check(): Support {
    const { parent, subnet, range = subnet, gateway } = this.options;
    if (!this.host.privileged) return unsupported('a link on one of the host needs root', 'run as root');
    if (!parseSubnet(subnet) || !parseSubnet(range) || (gateway && parseAddress(gateway) === undefined))
      return unsupported('one of its addresses is none', 'options of net-macvlan: a.b.c.d, subnet and range a.b.c.0/n');
    if (this.#route.link(parent)) return WORKS;
    return unsupported(`there is no link "${parent}"`, 'ip link lists them; set the option "parent" of net-macvlan');
  }

  async prepare(launch: Launch): Promise<void> {
    const { parent, gateway } = this.options;
    launch.namespaces.add('net');
    const { ip, mac: asked } = launch.network.chosen.attachments[0] ?? {};
    const leases = leasesOn(parent, launch.paths.runroot);
    const address = await launch.step({
      action: 'lease',
      target: ip ?? `an address of ${this.options.subnet}`,
      undo: { kind: 'release', args: { parent, id: launch.id } },
      run: () => leases.take(launch.id, this.#pool, ip),
      dry: () => leases.preview(this.#pool, ip),
    });
    const mac = asked ?? macOf(parseAddress(address) as number);
    launch.network.address = address;
    const { prefix } = this.#pool.subnet;
    const endpoint = { network: 'macvlan', link: 'eth0', address, prefix, mac, ...(gateway && { gateway }) };
    launch.facts['net-macvlan'] = { parent, address, mac, networks: [endpoint] };
  }

  record(child: ChildProgram, launch: Launch): void {
    // No router on the wire is believed.
    child.sysctl('net/ipv6/conf/eth0/disable_ipv6', '1', { tolerate: ['ENOENT'] });
    const setup = new InterfaceSetup(child).loopbackUp();
    setup.address('eth0', launch.network.address as string, this.#pool.subnet.prefix);
    if (this.options.gateway) setup.defaultRoute(this.options.gateway);
    setup.close();
    openOwnNetwork(child, launch.idMaps);
  }

  /** Without an undo: the link is made in the container's namespace, and ends with that. */
  async attach(launch: Launch): Promise<void> {
    const { parent, mode } = this.options;
    const mac = String(launch.facts['net-macvlan']?.mac);
    await launch.step({
      action: 'netlink',
      target: `macvlan eth0 ${mac} on ${parent}, in the container`,
      run: () => this.#route.createMacvlan('eth0', parent, mode, { mac, up: true, namespace: { pid: launch.pid } }),
    });
  }

  dispose(): void {
    this.#route.close();
  }

  /** `check` has looked at the texts. */
  get #pool(): AddressPool {
    const { subnet, range = subnet, gateway } = this.options;
    const [whole, part] = [parseSubnet(subnet), parseSubnet(range)] as [AddressPool['subnet'], AddressPool['subnet']];
    return { subnet: whole, range: part, ...(gateway && { gateway: parseAddress(gateway) as number }) };
  }
}

function leasesOn(parent: string, runroot: string): AddressLeases {
  return new AddressLeases(join(runroot, 'net-macvlan', parent));
}

export default definePlugin({
  name: 'net-macvlan',
  apiVersion: 1,
  options: table,
  drivers: { network: { macvlan: (tools, own) => new MacvlanDriver(tools.resolve(GATE), tools.resolve(HOST), own) } },
  undo: { release: ({ parent, id }, { runroot }) => leasesOn(String(parent), runroot).release(String(id)) },
});
