import {
  addressBytes,
  type ChildProgram,
  formatAddress,
  formatSubnet,
  type Gate,
  type Host,
  InterfaceSetup,
  type Launch,
  type LaunchNetwork,
  type NetworkDriver,
  netmask,
  openOwnNetwork,
  parseAddress,
  type Support,
  unsupported,
  WORKS,
} from '../../core/plugin/index.js';
import { droppingChain, droppingWarning } from './firewall.js';
import { type Lease, LeaseDirectory } from './leases.js';
import { chooseNameservers } from './nameservers.js';
import type { BridgeOptions } from './net-bridge-config.js';
import { BridgeNetwork, macOf, type Network } from './network.js';
import { NetworkKernel } from './network-kernel.js';
import { LOCK_FILE, withNetworkLock } from './network-lock.js';
import { choosePorts, type PublishedPort, publish } from './ports.js';
import { checkRequests } from './requests.js';
import { hasNfTables, isWritable } from './support.js';
import { INNER_NAME, plug, vethName } from './veth.js';

/** What a launch has of the network, between its hooks. */
interface Connection {
  readonly network: Network;
  readonly lease: Lease;
  readonly mac: string;
}

/** A bridge of tsbox's own with NAT: containers reach each other, the host, and what the host reaches. */
export class NetBridgeDriver implements NetworkDriver {
  readonly capabilities = { ownNamespace: true, ports: true, address: true, unprivileged: false } as const;
  readonly #kernel: NetworkKernel;
  // Every hook gets a view of its own of the launch; its network facts are one object.
  readonly #connections = new WeakMap<LaunchNetwork, Connection>();
  #support: Support | undefined;

  constructor(
    readonly gate: Gate,
    readonly host: Host,
    readonly options: BridgeOptions,
  ) {
    this.#kernel = new NetworkKernel(gate);
  }

  check(): Support {
    this.#support ??= this.#check();
    return this.#support;
  }

  validate(launch: Launch): void {
    const { network } = launch.spec;
    checkRequests(network);
    // What can be seen to be taken now is refused before anything is done; `prepare` looks again.
    const asked = network.ports.filter(({ hostPort }) => hostPort !== undefined);
    choosePorts(this.gate, asked, takenPorts(launch.paths.runroot));
  }

  async prepare(launch: Launch): Promise<void> {
    launch.namespaces.add('net');
    const connection = await this.#lease(launch);
    const lease = await this.#publish(launch, connection);
    this.#connections.set(launch.network, { ...connection, lease });
    launch.network.address = lease.address;
    launch.network.gateway = formatAddress(connection.network.gateway);
    launch.network.nameservers = chooseNameservers(launch, this.options.nameservers);
    this.#remember(launch, { ...connection, lease });
    const chain = droppingChain(this.#kernel, connection.network.bridge);
    if (chain) launch.warn(droppingWarning(chain, connection.network.bridge));
  }

  record(child: ChildProgram, launch: Launch): void {
    const { network, lease } = this.#connection(launch);
    // IPv4 only, as on the bridge: no router advertisement of another container is believed.
    child.sysctl(`net/ipv6/conf/${INNER_NAME}/disable_ipv6`, '1', { tolerate: ['ENOENT'] });
    new InterfaceSetup(child)
      .loopbackUp()
      .address(
        INNER_NAME,
        addressBytes(parseAddress(lease.address) as number),
        addressBytes(netmask(network.subnet.prefix)),
      )
      .defaultRoute(addressBytes(network.gateway))
      .close();
    openOwnNetwork(child, launch.idMaps);
  }

  async attach(launch: Launch): Promise<void> {
    const { network, mac } = this.#connection(launch);
    const veth = vethName(launch.shortId);
    await launch.step({
      action: 'netlink',
      target: `veth ${veth} on ${network.bridge}, ${INNER_NAME} ${mac} in the container`,
      undo: { kind: 'unplug', args: { veth } },
      run: () => plug(this.#kernel, launch, network, mac),
    });
  }

  /** Closes the netlink sockets. */
  dispose(): void {
    this.#kernel.close();
  }

  #check(): Support {
    if (!this.host.privileged) {
      return unsupported(
        'a bridge on the host needs root (CAP_NET_ADMIN)',
        'run as root, or use --network=none or --network=host',
      );
    }
    if (!isWritable(LOCK_FILE)) {
      return unsupported('/proc/sys is read-only here', 'run tsbox where /proc/sys can be written: on the host itself');
    }
    const nfTables = hasNfTables(this.#kernel);
    return nfTables === true ? WORKS : unsupported(`the kernel has no nf_tables (${nfTables})`, 'modprobe nf_tables');
  }

  #lease(launch: Launch): Promise<Connection> {
    const { id, paths } = launch;
    const { ip, mac } = launch.spec.network;
    const network = new BridgeNetwork(this.#kernel, this.options, paths.runroot);
    const connect = (found: Network, take: 'take' | 'choose'): Connection => {
      const leases = LeaseDirectory.of(paths.runroot, found.bridge);
      const { subnet, gateway } = found;
      const address =
        take === 'take' ? leases.take(id, subnet, gateway, ip).address : leases.choose(subnet, gateway, ip);
      return { network: found, lease: { address, ports: [] }, mac: mac ?? macOf(parseAddress(address) as number) };
    };
    const seen = launch.planning ? connect(network.preview(), 'choose') : undefined;
    return launch.step({
      action: 'lease',
      target: seen ? describe(seen) : `${ip ?? 'an address'} on the bridge`,
      undo: { kind: 'release', args: { id } },
      run: () => withNetworkLock(this.gate, () => connect(network.ensure(), 'take')),
      dry: () => seen as Connection,
    });
  }

  async #publish(launch: Launch, { network, lease }: Connection): Promise<Lease> {
    const { id, paths, spec } = launch;
    if (spec.network.ports.length === 0) return lease;
    const choose = () => choosePorts(this.gate, spec.network.ports, takenPorts(paths.runroot));
    const ports = await launch.step({
      action: 'netlink',
      target: `publish ${spec.network.ports.map(({ hostPort, containerPort }) => `${hostPort ?? '?'}:${containerPort}`).join(' ')}`,
      undo: { kind: 'release', args: { id } },
      run: () =>
        withNetworkLock(this.gate, () => {
          const chosen = choose();
          LeaseDirectory.of(paths.runroot, network.bridge).takePorts(id, lease, chosen);
          this.#kernel.nft.commit(publish(network.bridge, lease.address, chosen));
          return chosen;
        }),
      dry: choose,
    });
    return { ...lease, ports };
  }

  #remember(launch: Launch, { network, lease, mac }: Connection): void {
    launch.facts['net-bridge'] = {
      bridge: network.bridge,
      address: lease.address,
      subnet: formatSubnet(network.subnet),
      gateway: formatAddress(network.gateway),
      mac,
      mtu: network.mtu,
      veth: vethName(launch.shortId),
      ports: lease.ports.map((port) => ({ ...port })),
    };
  }

  #connection(launch: Launch): Connection {
    const connection = this.#connections.get(launch.network);
    if (!connection) throw new Error('the bridge was not prepared for this launch');
    return connection;
  }
}

function describe({ network, lease }: Connection): string {
  const made = network.index === 0 ? ', which is made with its nft table' : '';
  return `${lease.address} of ${formatSubnet(network.subnet)} on ${network.bridge}${made}`;
}

function takenPorts(runroot: string): PublishedPort[] {
  return LeaseDirectory.list(runroot).flatMap((bridge) => LeaseDirectory.of(runroot, bridge).ports());
}
