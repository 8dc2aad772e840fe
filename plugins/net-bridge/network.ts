import {
  type ChosenNetworks,
  formatSubnet,
  hasCode,
  type Link,
  MAC_PREFIX,
  macOf,
  type NetworkObject,
  nft,
  parseAddress,
  type Route,
  type Subnet,
  subnetOf,
  TsboxError,
} from '../../core/plugin/index.js';
import { type BridgeSettings, bridgeName } from './bridge-settings.js';
import {
  forwardingLinks,
  forwardsAlready,
  setLinkSysctl,
  switchForwardingOff,
  switchForwardingOn,
} from './forwarding.js';
import { LeaseDirectory } from './leases.js';
import { type Mark, ownerOf, readMark, writeMark } from './mark.js';
import { readNameservers } from './nameservers.js';
import type { NetworkKernel } from './network-kernel.js';
import { ruleset } from './ruleset.js';
import { chooseSubnet, type Surroundings } from './subnet.js';

/** A network as the kernel has it; that is the only place where its subnet is kept. */
export interface Network {
  readonly bridge: string;
  /** Index of the bridge; 0 while it does not exist (in a plan). */
  readonly index: number;
  readonly subnet: Subnet;
  readonly gateway: number;
  readonly mtu: number;
}

const DEFAULT_MTU = 1500;
/** Locally administered. */
/** How many runroots of one host can have bridges at once. */
const MOST_NETWORKS = 64;

/** The network of one runroot. Every method is called under the network lock. */
export class BridgeNetwork {
  constructor(
    readonly kernel: NetworkKernel,
    readonly settings: BridgeSettings,
    readonly runroot: string,
    /** Networks that were made: a subnet that is chosen now keeps clear of theirs. Read when that is asked for. */
    readonly chosen: Pick<ChosenNetworks, 'others'> = { others: [] },
  ) {}

  /** Makes the bridge with all that belongs to it, or what is missing of it. @throws TsboxError */
  ensure(): Network {
    const { name, link } = this.#find();
    const leases = LeaseDirectory.of(this.runroot, name);
    const found = this.#describe(name, link);
    // Where there is a bridge, so is its directory, unless somebody has removed that.
    if (!found || !leases.exists) leases.make();
    const network = found ?? this.#plan(name);
    this.#checkSubnet(network, leases);
    if (!link) this.#create(network, leases);
    const made = link ?? (this.kernel.route.link(name) as Link);
    const mark = readMark(made.alias);
    if (!link?.up) this.#configure({ ...network, index: made.index }, mark);
    if (!link || !this.kernel.nft.hasTable(name)) this.#addTable(network, mark);
    return { ...network, index: made.index };
  }

  /** Name of the bridge, whether it is there or not. */
  get name(): string {
    return this.#find().name;
  }

  /** Undefined while there is no bridge. */
  current(): Network | undefined {
    const { name, link } = this.#find();
    return this.#describe(name, link);
  }

  /** What {@link ensure} would answer, without doing anything. */
  preview(): Network {
    const { name, link } = this.#find();
    return this.#describe(name, link) ?? this.#plan(name);
  }

  /** The link of that name that is ours, or the name of one that can be made. */
  #find(): { name: string; link: Link | undefined } {
    const { bridge } = this.settings;
    const names = bridge ? [bridge] : Array.from({ length: MOST_NETWORKS }, (_, index) => `tsbox${index}`);
    for (const name of names) {
      const link = this.kernel.route.link(name);
      if (!link || readMark(link.alias)?.owner === ownerOf(this.runroot)) return { name, link };
    }
    throw notOurs(names);
  }

  #describe(bridge: string, link: Link | undefined): Network | undefined {
    const found = link && this.kernel.route.addresses().find((each) => each.link === link.index);
    if (!link || !found) return undefined;
    const { address, prefix } = found;
    return { bridge, index: link.index, subnet: subnetOf(address, prefix), gateway: address, mtu: link.mtu };
  }

  #plan(bridge: string): Network {
    const { settings, kernel } = this;
    const others = this.chosen.others.filter(({ id }) => bridgeName(id) !== bridge);
    const surroundings = readSurroundings(kernel, others);
    const subnet = chooseSubnet(settings.subnet, surroundings);
    const { gateway = subnet.base + 1, mtu = this.#uplinkMtu(surroundings.routes) } = settings;
    return { bridge, index: 0, subnet, gateway, mtu };
  }

  #uplinkMtu(routes: readonly Route[]): number {
    const defaults = routes.filter(({ destination, link }) => destination.prefix === 0 && link !== undefined);
    const [best] = defaults.sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0));
    return (best && this.kernel.route.links().find(({ index }) => index === best.link)?.mtu) ?? DEFAULT_MTU;
  }

  #checkSubnet(network: Network, leases: LeaseDirectory): void {
    const { subnet } = this.settings;
    if (!subnet || formatSubnet(subnet) === formatSubnet(network.subnet)) return;
    throw new TsboxError('ERR_TSBOX_CONFIG', {
      what: `cannot use the subnet ${formatSubnet(subnet)}`,
      why: `${network.bridge} has ${formatSubnet(network.subnet)}${leases.isUnused ? '' : ', and containers use it'}`,
      fix: 'stop its containers, or leave out the option "subnet"',
    });
  }

  #create({ bridge, gateway, mtu }: Network, leases: LeaseDirectory): void {
    const mark: Mark = { owner: ownerOf(this.runroot), forwardedBefore: this.#forwardedBefore(leases) };
    // Written first: when somebody deletes the bridge, this is what is left of its mark.
    leases.writeMark(writeMark(mark));
    try {
      // With a MAC of its own it does not take that of its lowest port, which comes and goes.
      this.kernel.route.createBridge(bridge, { mac: macOf(gateway), mtu, alias: writeMark(mark) });
    } catch (error) {
      if (hasCode(error, 'EEXIST')) throw notOurs([bridge]);
      throw error;
    }
  }

  #configure({ bridge, index, gateway, subnet }: Network, mark: Mark | undefined): void {
    const { route } = this.kernel;
    // Containers must not talk the host into routes (CVE-2020-13401); the bridge has no IPv6 at all.
    setLinkSysctl('ipv6', bridge, 'accept_ra', '0');
    setLinkSysctl('ipv6', bridge, 'disable_ipv6', '1');
    // Lets 127.0.0.1 of the host reach published ports; the chain `guard` closes what it opens.
    setLinkSysctl('ipv4', bridge, 'route_localnet', '1');
    try {
      route.addAddress({ link: index, address: gateway, prefix: subnet.prefix });
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    if (mark?.forwardedBefore) switchForwardingOn(mark.forwardedBefore);
    // Last, so that a bridge that is up is one that is whole.
    route.setLink(bridge, { up: true, linkLocal: false });
  }

  #addTable({ bridge, subnet }: Network, mark: Mark | undefined): void {
    const before = mark?.forwardedBefore;
    const links = before ? this.kernel.route.links() : [];
    const silent = links.filter(({ name }) => name !== 'lo' && !name.startsWith('tsb') && !before?.includes(name));
    const { internal, isolated } = this.settings;
    const changes = ruleset({ bridge, subnet, internal, isolated, silent: silent.map(({ name }) => name) });
    try {
      this.kernel.nft.commit(changes);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
      // Left over from a bridge that somebody deleted.
      this.kernel.nft.commit([nft.deleteTable(bridge), ...changes]);
    }
  }

  /** Undefined where the host forwards by itself. What another network of ours switched on counts as off. */
  #forwardedBefore(leases: LeaseDirectory): readonly string[] | undefined {
    const marks = [leases.readMark(), ...this.kernel.route.links().map(({ alias }) => alias)].map(readMark);
    const switched = marks.find((mark) => mark?.forwardedBefore);
    if (switched) return switched.forwardedBefore;
    return forwardsAlready() ? undefined : forwardingLinks();
  }
}

/** What the subnet of a new bridge must not collide with. */
export function readSurroundings({ route }: NetworkKernel, networks: readonly NetworkObject[]): Surroundings {
  const servers = readNameservers()
    .map(parseAddress)
    .filter((server) => server !== undefined);
  return { routes: route.routes(), addresses: route.addresses(), servers, networks };
}

/**
 * Removes a network of ours of which no container is left: bridge, table, switched sysctls, leases.
 * What is gone already is success. Called under the network lock.
 */
export function removeNetwork(kernel: NetworkKernel, runroot: string, bridge: string): void {
  const { route } = kernel;
  const leases = LeaseDirectory.of(runroot, bridge);
  const links = route.links();
  const link = links.find(({ name }) => name === bridge);
  const mark = readMark(link && !isHalfMade(link) ? link.alias : leases.readMark());
  if (mark?.owner === ownerOf(runroot)) {
    const others = links.some(({ name, alias }) => name !== bridge && readMark(alias));
    if (mark.forwardedBefore && !others) switchForwardingOff(mark.forwardedBefore);
    deleteTable(kernel, bridge);
    route.deleteLink(bridge);
  }
  leases.remove();
}

/** Whoever made it was killed, or failed, before it got its alias: it has the MAC of ours. */
function isHalfMade({ kind, alias, mac }: Link): boolean {
  return kind === 'bridge' && alias === undefined && mac?.startsWith(MAC_PREFIX) === true;
}

function deleteTable({ nft: tables }: NetworkKernel, table: string): void {
  try {
    tables.commit([nft.deleteTable(table)]);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

function notOurs(names: readonly string[]): TsboxError {
  return new TsboxError('ERR_TSBOX_STATE', {
    what: `cannot make the bridge ${names[0]}`,
    why: 'there is a link of that name that this tsbox (this --runroot) did not make',
    fix: [`see what it is: ip -details link show ${names[0]}`, 'or choose another name with the option "bridge"'],
  });
}
