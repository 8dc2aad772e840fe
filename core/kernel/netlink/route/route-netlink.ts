import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../../error.js';
import type { Gate } from '../../gate.js';
import { NETLINK_ROUTE, NetlinkSocket } from '../netlink-socket.js';
import { decodeAddress, deleteAddress, dumpAddresses, type InterfaceAddress, newAddress } from './address.js';
import {
  decodeLink,
  deleteLink,
  dumpLinks,
  getLink,
  isolatePort,
  type Link,
  type LinkChanges,
  type MacvlanMode,
  newBridge,
  newMacvlan,
  newVeth,
  setLink,
} from './link.js';
import { decodeNeighbour, dumpNeighbours, type Neighbour } from './neighbour.js';
import { decodeRoute, dumpRoutes, newRoute, type Route } from './route.js';

/** Three seconds: namespaces are removed one after the other, some twenty milliseconds each. */
const MAC_ATTEMPTS = 150;
const MAC_PAUSE_MS = 20;

/** One end of a veth pair. */
export interface VethEnd extends LinkChanges {
  readonly name: string;
  /** As a port of its bridge it reaches no other isolated port. Of the outer end. */
  readonly isolated?: boolean;
}

/** Links, addresses, routes and neighbours of this network namespace. Every method may throw NetlinkError. */
export class RouteNetlink {
  readonly #socket: NetlinkSocket;

  constructor(gate: Gate) {
    this.#socket = new NetlinkSocket(gate, NETLINK_ROUTE);
  }

  /** Creates a bridge; EEXIST if the name is taken. */
  createBridge(name: string, { mac, mtu, ...later }: LinkChanges): void {
    const atBirth = { ...(mtu !== undefined && { mtu }), ...(mac !== undefined && { mac }) };
    // Two datagrams: rtnetlink goes on after a message that failed, and would change a stranger's link.
    this.#socket.transact([newBridge(name, atBirth)]);
    this.#socket.transact([setLink(name, later)]);
  }

  /**
   * Creates a veth pair, the inner end up in its namespace, the outer end a port of its bridge, in one
   * datagram. The inner end is the one that is created and the outer one its peer, so that both
   * have carrier, and the bridge forwards, before the container's first packet.
   */
  createVeth({ name: outer, ...outerChanges }: VethEnd, { name: inner, ...innerChanges }: VethEnd): void {
    const { mtu, mac, isolated, ...later } = outerChanges;
    const atBirth = { ...(mtu !== undefined && { mtu }), ...(mac !== undefined && { mac }) };
    const pair = newVeth(inner, innerChanges, outer, atBirth);
    this.#socket.transact([pair, setLink(outer, later), ...(isolated ? [isolatePort(outer)] : [])]);
  }

  /**
   * Creates a macvlan link on a link of ours, in the namespace that the changes name. A link that had its MAC
   * address may be about to go: the kernel removes a namespace some time after its last process.
   * @throws NetlinkError ENODEV; EADDRINUSE where the address stays taken
   */
  async createMacvlan(name: string, on: string, mode: MacvlanMode, changes: LinkChanges = {}): Promise<void> {
    const [answer] = this.#socket.request(getLink(on));
    const parent = decodeLink((answer as { payload: Buffer }).payload).index;
    const message = newMacvlan(name, { ...changes, parent }, mode);
    for (let attempt = 1; ; attempt++) {
      try {
        return void this.#socket.transact([message]);
      } catch (error) {
        if (!hasCode(error, 'EADDRINUSE') || attempt === MAC_ATTEMPTS) throw error;
      }
      await sleep(MAC_PAUSE_MS);
    }
  }

  setLink(name: string, changes: LinkChanges): void {
    this.#socket.transact([setLink(name, changes)]);
  }

  /** False when there was no such link. */
  deleteLink(name: string): boolean {
    try {
      this.#socket.transact([deleteLink(name)]);
      return true;
    } catch (error) {
      if (hasCode(error, 'ENODEV')) return false;
      throw error;
    }
  }

  /** Undefined when there is no such link. */
  link(name: string): Link | undefined {
    try {
      const [answer] = this.#socket.request(getLink(name));
      return answer && decodeLink(answer.payload);
    } catch (error) {
      if (hasCode(error, 'ENODEV')) return undefined;
      throw error;
    }
  }

  links(): Link[] {
    return this.#socket.request(dumpLinks()).map(({ payload }) => decodeLink(payload));
  }

  addAddress(address: InterfaceAddress): void {
    this.#socket.transact([newAddress(address)]);
  }

  deleteAddress(address: InterfaceAddress): void {
    this.#socket.transact([deleteAddress(address)]);
  }

  /** IPv4 only. */
  addresses(): InterfaceAddress[] {
    return this.#socket.request(dumpAddresses()).map(({ payload }) => decodeAddress(payload));
  }

  addRoute(route: Route): void {
    this.#socket.transact([newRoute(route)]);
  }

  /** IPv4 routes of all tables. */
  routes(): Route[] {
    const answers = this.#socket.request(dumpRoutes());
    return answers.map(({ payload }) => decodeRoute(payload)).filter((route) => route !== undefined);
  }

  neighbours(): Neighbour[] {
    return this.#socket.request(dumpNeighbours()).map(({ payload }) => decodeNeighbour(payload));
  }

  close(): void {
    this.#socket.close();
  }
}
