import type {
  Attachment,
  ChildProgram,
  ChosenNetworks,
  Gate,
  Host,
  Launch,
  LaunchNetwork,
  NetworkConnection,
  NetworkDriver,
  NetworkMember,
  NetworkObject,
  NetworkSettings,
  NetworkUse,
  StatePaths,
  Support,
} from '../../core/plugin/index.js';
import { bridgeSettings, hasNames, vethName } from './bridge-settings.js';
import {
  bridgeOf,
  type Connection,
  type ConnectionContext,
  describeConnection,
  describeWish,
  linkName,
  outwardOf,
  previewConnection,
  takeConnection,
} from './connection.js';
import { designBridge } from './design.js';
import { bridgeFacts } from './facts.js';
import { droppingChain, droppingWarning } from './firewall.js';
import { interfaceVariables, recordInterfaces } from './inside.js';
import { LeaseDirectory } from './leases.js';
import { connectRunning, disconnectRunning } from './live.js';
import { namesOf, refreshNames, renameLeases } from './names.js';
import { chooseNameservers } from './nameservers.js';
import type { BridgeOptions } from './net-bridge-config.js';
import { readSurroundings } from './network.js';
import { NetworkKernel } from './network-kernel.js';
import { withNetworkLock } from './network-lock.js';
import { inspectBridge, removeBridge } from './objects.js';
import { choosePorts, publish } from './ports.js';
import { checkRequests } from './requests.js';
import { bridgePreconditions, bridgeSupport } from './support.js';
import { plug } from './veth.js';

/** Bridges of tsbox's own with NAT: containers reach each other, the host, and what the host reaches. */
export class NetBridgeDriver implements NetworkDriver {
  readonly capabilities = {
    ownNamespace: true,
    ports: true,
    address: true,
    unprivileged: false,
    attachesLate: true,
  } as const;
  readonly #kernel: NetworkKernel;
  // Every hook gets a view of its own of the launch; its network facts are one object.
  readonly #connections = new WeakMap<LaunchNetwork, readonly Connection[]>();
  #support: Support | undefined;

  constructor(
    readonly gate: Gate,
    readonly host: Host,
    readonly options: BridgeOptions,
  ) {
    this.#kernel = new NetworkKernel(gate);
  }

  check(): Support {
    this.#support ??= bridgeSupport(this.host, this.#kernel);
    return this.#support;
  }

  preconditions() {
    return bridgePreconditions(this.host, this.#kernel);
  }

  validate(launch: Launch): void {
    const { network } = launch.spec;
    checkRequests(network, launch.network.chosen.attachments);
    // What can be seen to be taken now is refused before anything is done; `prepare` looks again.
    const asked = network.ports.filter(({ hostPort }) => hostPort !== undefined);
    if (asked.length === 0) return;
    choosePorts(this.gate, asked, LeaseDirectory.takenPorts(launch.paths.runroot));
  }

  async prepare(launch: Launch): Promise<void> {
    launch.namespaces.add('net');
    launch.network.nameservers = chooseNameservers(launch, this.options.nameservers);
  }

  async assign(launch: Launch): Promise<void> {
    const leased = await this.#lease(launch);
    const connections = await this.#publish(launch, leased);
    this.#connections.set(launch.network, connections);
    const [first] = connections;
    const outward = connections.find(({ lease }) => lease.link.isDefault);
    launch.network.address = first?.lease.address;
    if (outward?.lease.link.gateway !== undefined) launch.network.gateway = outward.lease.link.gateway;
    launch.facts['net-bridge'] = bridgeFacts(connections);
    const bridge = outward?.network.bridge;
    if (bridge) launch.duringClone(() => this.#warnOfDropping(launch, bridge));
  }

  recordKey({ network: { chosen } }: Launch): string {
    const outward = outwardOf(chosen);
    return JSON.stringify(chosen.attachments.map((each, index) => [linkName(index), each === outward]));
  }

  variables(launch: Launch): Record<string, Uint8Array> {
    return interfaceVariables(this.#connectionsOf(launch));
  }

  record(child: ChildProgram, launch: Launch): void {
    recordInterfaces(child, launch, this.#connectionsOf(launch));
  }

  async attach(launch: Launch): Promise<void> {
    const connections = this.#connectionsOf(launch);
    for (const connection of connections) {
      const { name, veth, mac } = connection.lease.link;
      await launch.step({
        action: 'netlink',
        target: `veth ${veth} on ${connection.network.bridge}, ${name} ${mac} in the container`,
        undo: { kind: 'unplug', args: { veth } },
        run: () => plug(this.#kernel, launch.name, connection, { pid: launch.pid }),
      });
    }
    await this.#announce(launch, connections);
  }

  designNetwork(asked: NetworkSettings, others: readonly NetworkObject[]): NetworkSettings {
    return designBridge(asked, readSurroundings(this.#kernel, others));
  }

  removeNetwork(network: NetworkObject, paths: StatePaths, forget: () => void): Promise<void> {
    return withNetworkLock(this.gate, () => removeBridge(this.#kernel, network, paths, forget));
  }

  async inspectNetwork(network: NetworkObject, paths: StatePaths): Promise<NetworkUse> {
    const settings = bridgeSettings(network, this.options);
    return inspectBridge(this.#kernel, network, settings, paths);
  }

  connect(member: NetworkMember, chosen: ChosenNetworks, paths: StatePaths): Promise<NetworkConnection> {
    return connectRunning({ gate: this.gate, kernel: this.#kernel, paths, member }, chosen, this.options);
  }

  disconnect(member: NetworkMember, network: NetworkObject, paths: StatePaths): Promise<void> {
    return disconnectRunning({ gate: this.gate, kernel: this.#kernel, paths, member }, network, this.options);
  }

  rename(id: string, name: string, paths: StatePaths): Promise<void> {
    return renameLeases(this.gate, id, name, paths);
  }

  /** Closes the netlink sockets. */
  dispose(): void {
    this.#kernel.close();
  }

  #warnOfDropping(launch: Launch, bridge: string): void {
    const chain = droppingChain(this.#kernel, bridge);
    if (chain) launch.warn(droppingWarning(chain, bridge));
  }

  /** All of them in one step: what one half has, its undo finds. */
  #lease(launch: Launch): Promise<readonly Connection[]> {
    const { id, paths } = launch;
    const { chosen } = launch.network;
    const context = { kernel: this.#kernel, options: this.options, runroot: paths.runroot, chosen, id };
    const connect = (how: typeof takeConnection) =>
      chosen.attachments.map((attachment, index) => how(context, attachment, this.#place(context, attachment, index)));
    const seen = launch.planning ? connect(previewConnection) : [];
    return launch.step({
      action: 'lease',
      target: launch.planning
        ? seen.map(describeConnection).join(', ')
        : chosen.attachments.map(describeWish).join(', '),
      undo: { kind: 'release', args: { id } },
      run: () => withNetworkLock(this.gate, () => connect(takeConnection)),
      dry: () => seen,
    });
  }

  #place(context: ConnectionContext, { network }: Attachment, index: number) {
    const { id, chosen } = context;
    const veth = index === 0 ? vethName(id) : vethName(id, bridgeOf(context, network));
    return { name: linkName(index), veth, wantsDefault: outwardOf(chosen)?.network.id === network.id };
  }

  /** On the network that leads out. */
  async #publish(launch: Launch, connections: readonly Connection[]): Promise<readonly Connection[]> {
    const { id, paths, spec } = launch;
    const outward = connections.find(({ lease }) => lease.link.isDefault);
    if (spec.network.ports.length === 0 || !outward) return connections;
    const choose = () => choosePorts(this.gate, spec.network.ports, LeaseDirectory.takenPorts(paths.runroot));
    const { network, lease } = outward;
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
    return connections.map((each) => (each === outward ? { ...each, lease: { ...lease, ports } } : each));
  }

  /** Now that its own /etc/hosts is there; the names are given back with the leases. */
  async #announce(launch: Launch, connections: readonly Connection[]): Promise<void> {
    const { id, name, paths } = launch;
    const named = connections.filter(({ network }) => hasNames(network.bridge));
    if (named.length === 0) return;
    const failures = await launch.step({
      action: 'write',
      target: `the names of the containers on ${named.map(({ attachment }) => attachment.network.name).join(', ')}`,
      run: () =>
        withNetworkLock(this.gate, () => {
          for (const { attachment, network, lease } of named) {
            const names = namesOf(name, id, attachment.aliases);
            LeaseDirectory.of(paths.runroot, network.bridge).write(id, { ...lease, names });
          }
          return refreshNames(
            paths,
            named.map(({ network }) => network.bridge),
          );
        }),
      dry: () => [],
    });
    for (const failure of failures) launch.warn(failure);
  }

  #connectionsOf(launch: Launch): readonly Connection[] {
    const connections = this.#connections.get(launch.network);
    if (!connections) throw new Error('the bridge was not prepared for this launch');
    return connections;
  }
}
