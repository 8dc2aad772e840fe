import {
  type Attachment,
  macBytes,
  type NetworkSpec,
  type PortSpec,
  parseAddress,
  TsboxError,
} from '../../core/plugin/index.js';
import { ANY_ADDRESS, portInUse, portsCollide } from './ports.js';

/** Refuses what this driver cannot do, whatever the host. @throws TsboxError */
export function checkRequests({ ports, ip, mac }: NetworkSpec, attachments: readonly Attachment[] = []): void {
  if (ip !== undefined && parseAddress(ip) === undefined) {
    throw invalid(`cannot give the address ${ip}`, 'it is not an IPv4 address', 'write four numbers: --ip 10.209.0.5');
  }
  if (mac !== undefined) checkMac(mac);
  for (const port of ports) checkPort(port);
  checkTwice(ports);
  if (ports.length > 0 && attachments.length > 0 && attachments.every(({ network }) => network.internal)) {
    const [{ network }] = attachments as [Attachment];
    throw invalid(
      'cannot publish a port',
      `network "${network.name}" is internal`,
      'leave out -p, or use another network',
    );
  }
}

function checkMac(mac: string): void {
  const bytes = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac) ? macBytes(mac) : undefined;
  // The lowest bit of the first byte marks a group of stations (IEEE 802).
  const usable = bytes && ((bytes[0] as number) & 1) === 0 && bytes.some((byte) => byte !== 0);
  if (!usable)
    throw invalid(`cannot give the MAC address ${mac}`, 'no interface can have it', 'use one like 02:74:00:00:00:01');
}

function checkPort({ hostIp, hostPort, containerPort }: PortSpec): void {
  const what = `cannot publish port ${hostPort ?? ''}:${containerPort}`;
  for (const port of [hostPort ?? 1, containerPort]) {
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      throw invalid(what, `${port} is not a port`, 'ports are 1 to 65535');
  }
  if (hostIp !== undefined && parseAddress(hostIp) === undefined) {
    throw invalid(
      what,
      `${hostIp} is not an IPv4 address, and the bridge has no IPv6`,
      'use an IPv4 address of this host',
    );
  }
}

function checkTwice(specs: readonly PortSpec[]): void {
  const ports = specs.map(({ hostIp = ANY_ADDRESS, hostPort = 0, ...rest }) => ({ hostIp, hostPort, ...rest }));
  const fixed = ports.filter(({ hostPort }) => hostPort !== 0);
  for (const [index, port] of fixed.entries()) {
    if (fixed.slice(0, index).some((other) => portsCollide(port, other)))
      throw portInUse(port, 'this container publishes it twice');
  }
}

function invalid(what: string, why: string, fix: string): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', { what, why, fix });
}
