import { addressBytes, netmask, parseAddress } from '../kernel/netlink/ipv4.js';
import type { ChildProgram } from './child-program.js';
import { Memory, type Slot, Variable } from './memory.js';

/** Interfaces of the container's network namespace, by name: netdevice(7). No index has to be known. */
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0x80000;
const SIOCADDRT = 0x890b;
const SIOCSIFFLAGS = 0x8914;
const SIOCSIFADDR = 0x8916;
const SIOCSIFNETMASK = 0x891c;
const IFF_UP_RUNNING = 0x41;
const RTF_UP_GATEWAY = 0x3;
/** sizeof(struct ifreq): name, then a union. */
const IFREQ_SIZE = 40;
const IFREQ_UNION = 16;
/** `struct rtentry` on 64-bit: destination, gateway and mask are sockaddrs of 16 bytes. */
const RTENTRY = { destination: 8, gateway: 24, mask: 40, flags: 56, size: 120 } as const;
/** Offset of the address in `struct sockaddr_in`. */
const SOCKADDR_ADDRESS = 4;
const EVERY_GROUP = 2147483647;

/** The part of id maps that matters here. */
export interface GroupMap {
  readonly gids: readonly { readonly inside: number; readonly size: number }[];
}

/** Four bytes in network order, or as text; a variable where another launch has another one. */
export type Address = Uint8Array | string | Variable;

/** Records ops on interfaces; call {@link close} when done. */
export class InterfaceSetup {
  readonly #socket: Slot;

  constructor(readonly child: ChildProgram) {
    this.#socket = child.outside.callTo('inet', 'socket', [AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0]);
  }

  /** Up, with no other flag kept: for the loopback, which has none. */
  loopbackUp(): this {
    const request = ifreq('lo');
    request.bytes.writeUInt16LE(IFF_UP_RUNNING, IFREQ_UNION);
    return this.#ioctl(SIOCSIFFLAGS, request, 'lo up');
  }

  /** @param prefix the length of it, or the mask */
  address(name: string, address: Address, prefix: Uint8Array | Variable | number): this {
    const mask = typeof prefix === 'number' ? addressBytes(netmask(prefix)) : prefix;
    this.#ioctl(SIOCSIFADDR, withAddress(name, address), `${name} address ${dotted(address)}`);
    return this.#ioctl(SIOCSIFNETMASK, withAddress(name, mask), `${name} netmask ${dotted(mask)}`);
  }

  /** @param tolerate errnos with which the program goes on: EEXIST where there is a default route */
  defaultRoute(gateway: Address, tolerate: readonly string[] = []): this {
    const entry = new Memory(RTENTRY.size, 'rtentry');
    const none = new Uint8Array(4);
    setSockaddr(entry, RTENTRY.destination, none);
    setSockaddr(entry, RTENTRY.gateway, gateway);
    setSockaddr(entry, RTENTRY.mask, none);
    entry.bytes.writeUInt16LE(RTF_UP_GATEWAY, RTENTRY.flags);
    return this.#ioctl(SIOCADDRT, entry, `default route via ${dotted(gateway)}`, tolerate);
  }

  close(): void {
    this.child.outside.call('close', [this.#socket]);
  }

  #ioctl(request: number, argument: Memory, note: string, tolerate: readonly string[] = []): this {
    const hint =
      'the container needs CAP_NET_ADMIN over its own network namespace; is a seccomp filter or LSM in the way?';
    this.child.outside.call('ioctl', [this.#socket, request, argument], {
      note,
      hint,
      ...(tolerate.length > 0 && { tolerate }),
    });
    return this;
  }
}

/**
 * What every container with a network namespace of its own gets: any process may bind low ports and
 * send pings, so that neither needs a capability.
 */
export function openOwnNetwork(child: ChildProgram, idMaps: GroupMap | undefined): void {
  // Linux 4.11; ENOENT before it.
  child.sysctl('net/ipv4/ip_unprivileged_port_start', '0', { tolerate: ['ENOENT'] });
  child.sysctl('net/ipv4/ping_group_range', `0 ${lastGroup(idMaps)}`);
}

/** The `record` of a network driver whose namespace has nothing but a loopback, or gets the rest in `attach`. */
export function recordOwnLoopback(child: ChildProgram, launch: { readonly idMaps: GroupMap | undefined }): void {
  new InterfaceSetup(child).loopbackUp().close();
  openOwnNetwork(child, launch.idMaps);
}

/** The kernel refuses a range with a group that the user namespace does not map. */
function lastGroup(idMaps: GroupMap | undefined): number {
  const first = idMaps?.gids.find(({ inside }) => inside === 0);
  if (!idMaps) return EVERY_GROUP;
  return first ? Math.min(first.size - 1, EVERY_GROUP) : 0;
}

/** @throws RangeError on text that is no address */
function bytesOf(address: Address): Uint8Array {
  if (address instanceof Variable) return address.bytes;
  if (typeof address !== 'string') return address;
  const parsed = parseAddress(address);
  if (parsed === undefined) throw new RangeError(`not an IPv4 address: ${JSON.stringify(address)}`);
  return addressBytes(parsed);
}

function ifreq(name: string): Memory {
  const request = new Memory(IFREQ_SIZE, 'ifreq');
  request.bytes.write(name, 0, IFREQ_UNION - 1, 'latin1');
  return request;
}

function withAddress(name: string, address: Address): Memory {
  const request = ifreq(name);
  setSockaddr(request, IFREQ_UNION, address);
  return request;
}

/** `struct sockaddr_in` with port 0. */
function setSockaddr(memory: Memory, offset: number, address: Address): void {
  memory.bytes.writeUInt16LE(AF_INET, offset);
  const at = offset + SOCKADDR_ADDRESS;
  if (address instanceof Variable) memory.variable(at, address);
  else memory.bytes.set(bytesOf(address), at);
}

function dotted(address: Address): string {
  return [...bytesOf(address)].join('.');
}
