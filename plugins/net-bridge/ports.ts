import {
  addressBytes,
  type Gate,
  hasCode,
  type NetlinkMessage,
  nft,
  type PortSpec,
  parseAddress,
  TsboxError,
} from '../../core/plugin/index.js';
import { PUBLISHED_ANY, PUBLISHED_ON } from './ruleset.js';

/** A port of the host that leads into a container. */
export interface PublishedPort {
  readonly protocol: 'tcp' | 'udp';
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
}

export const ANY_ADDRESS = '0.0.0.0';
const NUMBERS = { tcp: 6, udp: 17 } as const;

const AF_INET = 2;
const SOCK_TYPES = { tcp: 1, udp: 2 } as const;
const SOCK_CLOEXEC = 0x80000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;

/** How a taken port is written as a file name. */
export function portFile({ protocol, hostPort, hostIp }: PublishedPort): string {
  return `${protocol}-${hostPort}-${hostIp}`;
}

export function readPortFile(name: string): PublishedPort | undefined {
  const match = /^(tcp|udp)-(\d+)-([\d.]+)$/.exec(name);
  if (!match) return undefined;
  return {
    protocol: match[1] as 'tcp' | 'udp',
    hostPort: Number(match[2]),
    hostIp: match[3] as string,
    containerPort: 0,
  };
}

/** Two that cannot be published at once: as with sockets, the wildcard address collides with every one. */
export function portsCollide(a: PublishedPort, b: PublishedPort): boolean {
  if (a.protocol !== b.protocol || a.hostPort !== b.hostPort) return false;
  return a.hostIp === b.hostIp || a.hostIp === ANY_ADDRESS || b.hostIp === ANY_ADDRESS;
}

/**
 * Decides the ports of a launch: fills in what the user left open, and refuses what is taken by a
 * program on the host, by another container, or by another port of the same launch.
 * @throws TsboxError ERR_TSBOX_PORT_IN_USE
 */
export function choosePorts(gate: Gate, specs: readonly PortSpec[], taken: readonly PublishedPort[]): PublishedPort[] {
  const chosen: PublishedPort[] = [];
  for (const spec of specs) chosen.push(choosePort(gate, spec, [...taken, ...chosen]));
  return chosen;
}

function choosePort(gate: Gate, spec: PortSpec, taken: readonly PublishedPort[]): PublishedPort {
  const { protocol, containerPort, hostIp = ANY_ADDRESS } = spec;
  for (let attempt = 0; attempt < 50; attempt++) {
    const hostPort = tryBind(gate, { protocol, containerPort, hostIp, hostPort: spec.hostPort ?? 0 });
    const port = { protocol, hostIp, hostPort, containerPort };
    if (!taken.some((other) => portsCollide(port, other))) return port;
    if (spec.hostPort !== undefined) throw portInUse(port, 'a container has published it');
  }
  throw portInUse({ protocol, hostIp, hostPort: 0, containerPort }, 'no free port was found');
}

/** Binds and lets go: no server of the host may listen there. Returns the port. */
function tryBind(gate: Gate, port: PublishedPort): number {
  const fd = gate.call('socket', AF_INET, SOCK_TYPES[port.protocol] | SOCK_CLOEXEC, 0);
  try {
    // Connections of an earlier server in TIME_WAIT are no hindrance; a listening one still is.
    if (port.protocol === 'tcp') gate.call('setsockopt', fd, SOL_SOCKET, SO_REUSEADDR, Buffer.from([1, 0, 0, 0]), 4);
    const address = sockaddr(port);
    gate.call('bind', fd, address, address.length);
    const length = Buffer.from([address.length, 0, 0, 0]);
    gate.call('getsockname', fd, address, length);
    return address.readUInt16BE(2);
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE')) throw portInUse(port, 'a program on this host has it', error);
    if (hasCode(error, 'EADDRNOTAVAIL')) throw noSuchAddress(port, error);
    throw error;
  } finally {
    gate.call('close', fd);
  }
}

function sockaddr({ hostIp, hostPort }: PublishedPort): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt16BE(hostPort, 2);
  bytes.set(addressBytes(parseAddress(hostIp) as number), 4);
  return bytes;
}

/** The map elements that publish ports of a container. */
export function publish(table: string, address: string, ports: readonly PublishedPort[]): NetlinkMessage[] {
  return bySet(ports).flatMap(([set, some]) =>
    nft.newElements(
      table,
      set,
      some.map((port) => element(port, address)),
    ),
  );
}

/** Takes one port back; ENOENT if it is not published. */
export function unpublish(table: string, port: PublishedPort): NetlinkMessage[] {
  return bySet([port]).flatMap(([set, some]) =>
    nft.deleteElements(
      table,
      set,
      some.map((each) => element(each, ANY_ADDRESS)),
    ),
  );
}

function bySet(ports: readonly PublishedPort[]): [string, PublishedPort[]][] {
  const any = ports.filter(({ hostIp }) => hostIp === ANY_ADDRESS);
  const on = ports.filter(({ hostIp }) => hostIp !== ANY_ADDRESS);
  return [
    [PUBLISHED_ANY, any],
    [PUBLISHED_ON, on],
  ];
}

/** Every field of a key or of data takes a whole register of four bytes. */
function element({ protocol, hostIp, hostPort, containerPort }: PublishedPort, address: string): nft.SetElement {
  const fields = [Uint8Array.of(NUMBERS[protocol], 0, 0, 0), register(hostPort)];
  if (hostIp !== ANY_ADDRESS) fields.unshift(addressBytes(parseAddress(hostIp) as number));
  const data = Buffer.concat([addressBytes(parseAddress(address) as number), register(containerPort)]);
  return { key: Buffer.concat(fields), data };
}

function register(port: number): Uint8Array {
  return Uint8Array.of(port >> 8, port & 0xff, 0, 0);
}

export function portInUse(
  { hostIp, hostPort, containerPort, protocol }: PublishedPort,
  why: string,
  cause?: unknown,
): TsboxError {
  const place = hostIp === ANY_ADDRESS ? `${hostPort}/${protocol}` : `${hostIp}:${hostPort}/${protocol}`;
  return new TsboxError('ERR_TSBOX_PORT_IN_USE', {
    what: `cannot publish port ${place}`,
    why,
    fix: [
      `choose another port: -p ${hostPort === 65535 ? hostPort - 1 : hostPort + 1}:${containerPort}/${protocol}`,
      `or let tsbox choose one: -p ${containerPort}/${protocol}`,
      ...(hostPort > 0 ? [`see who has it: ss -ln '( sport = :${hostPort} )'`] : []),
    ],
    cause,
    diagnosis: 'port-in-use',
  });
}

function noSuchAddress({ hostIp, hostPort, containerPort }: PublishedPort, cause: unknown): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot publish a port on ${hostIp}`,
    why: 'this host does not have that address',
    fix: `leave it out: -p ${hostPort}:${containerPort}`,
    cause,
  });
}
