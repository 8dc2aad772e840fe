import type { PortSpec } from '../../plugin/spec.js';
import { badValue, type Found } from '../place.js';
import { ipVersion } from './ip.js';
import { digits } from './number.js';

interface Range {
  readonly first: number;
  readonly last: number;
}

// [ip:][host]:container[/protocol]; an IPv6 address stands in brackets.
const PORT = /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)?(?:([^:[\]]*):)?([^:/[\]]+)(?:\/(\w+))?$/;

/** `8080:80`, `127.0.0.1:53:53/udp`, `[::1]:8080:80`, `8000-8002:80-82`, `80` (the kernel chooses the host's). */
export function parsePorts(found: Found<string>): PortSpec[] {
  const match = PORT.exec(found.value);
  if (!match) throw badValue(found, 'it is not [ip:]host:container[/udp]');
  const [, bracketed, plain, middle] = match;
  // With one colon only, what stands before it is the host's port, not an address.
  const ip = bracketed ?? (middle === undefined ? undefined : plain);
  const hostText = middle ?? (bracketed === undefined ? plain : undefined);
  const container = parseRange(found, match[4] as string);
  const host = hostText ? parseRange(found, hostText) : undefined;
  const protocol = (match[5] ?? 'tcp').toLowerCase();
  if (protocol !== 'tcp' && protocol !== 'udp') throw badValue(found, `a port is tcp or udp, not ${protocol}`);
  if (host && length(host) !== length(container)) throw badValue(found, 'the two ranges differ in length');
  return Array.from({ length: length(container) }, (_, index) => ({
    ...(ip && { hostIp: checkedAddress(found, ip) }),
    ...(host && { hostPort: host.first + index }),
    containerPort: container.first + index,
    protocol,
  }));
}

const length = ({ first, last }: Range): number => last - first + 1;

function checkedAddress(found: Found<string>, ip: string): string {
  if (ipVersion(ip) === 0) throw badValue(found, `${JSON.stringify(ip)} is not an IP address of this host`);
  return ip;
}

function parseRange(found: Found<string>, text: string): Range {
  const [first, last = first, ...more] = text.split('-').map(digits);
  if (more.length > 0 || first === undefined || last === undefined || !isPort(first) || !isPort(last)) {
    throw badValue(found, `${JSON.stringify(text)} is not a port from 1 to 65535`);
  }
  if (last < first) throw badValue(found, `the range ${text} runs backwards`);
  return { first, last };
}

const isPort = (number: number): boolean => number >= 1 && number <= 65_535;
