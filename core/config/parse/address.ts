import { badValue, type Found } from '../place.js';
import { ipVersion } from './ip.js';

export interface HostLine {
  readonly host: string;
  readonly ip: string;
}

const LABEL = '[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?';
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*\\.?$`);
/** __NEW_UTS_LEN of uts_namespaces(7): what sethostname(2) takes. */
const LONGEST_NAME = 64;

/** A name for the host or its domain. */
export function parseHostname(found: Found<string>): string {
  if (found.value.length > LONGEST_NAME) throw badValue(found, `the kernel takes at most ${LONGEST_NAME} characters`);
  if (!DOMAIN.test(found.value)) throw badValue(found, 'a host name has letters, digits, dots and inner hyphens');
  return found.value;
}

/** A search domain of resolv.conf(5); `.` is none. */
export function parseDomain(found: Found<string>): string {
  if (found.value !== '.' && !DOMAIN.test(found.value)) throw badValue(found, 'it is not a domain name');
  return found.value;
}

/** An option of resolv.conf(5): one word. */
export function parseResolverOption(found: Found<string>): string {
  if (!/^[a-z][a-z0-9-]*(:\d+)?$/.test(found.value)) throw badValue(found, 'it is not an option of resolv.conf(5)');
  return found.value;
}

export function parseAddress(found: Found<string>): string {
  if (ipVersion(found.value) === 0) throw badValue(found, 'it is not an IP address');
  return found.value;
}

export function parseIpv4(found: Found<string>): string {
  if (ipVersion(found.value) !== 4) throw badValue(found, 'it is not an IPv4 address');
  return found.value;
}

/** A MAC address of one card: not a group's (the lowest bit of the first octet), not all zeros. */
export function parseMac(found: Found<string>): string {
  const mac = found.value.toLowerCase();
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) throw badValue(found, 'it is not a MAC address');
  const group = (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
  if (group || mac === '00:00:00:00:00:00') throw badValue(found, 'a card cannot have a group address or zeros');
  return mac;
}

/** The host as the container reaches it; the plugin that writes /etc/hosts knows the address. */
const HOST_GATEWAY = 'host-gateway';

/** `name:ip` or `name=ip`; an IPv6 address may stand in brackets. */
export function parseHostLine(found: Found<string>): HostLine {
  const match = /^([^:=]+)[:=](.+)$/.exec(found.value);
  if (!match) throw badValue(found, 'it is not name:ip');
  const host = match[1] as string;
  const ip = (match[2] as string).replace(/^\[(.*)\]$/, '$1');
  if (!DOMAIN.test(host)) throw badValue(found, `${JSON.stringify(host)} is not a host name`);
  if (ip !== HOST_GATEWAY && ipVersion(ip) === 0) throw badValue(found, `${JSON.stringify(ip)} is not an IP address`);
  return { host, ip };
}
