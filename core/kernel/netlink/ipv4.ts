/** IPv4 addresses as numbers: the least text that netlink needs. */

/** A network, as `10.0.0.0/8`. */
export interface Subnet {
  /** The network's own address; host bits are zero. */
  readonly base: number;
  readonly prefix: number;
}

/** Reads a dotted quad, strictly: four decimal numbers without leading zeros. Undefined if it is not one. */
export function parseAddress(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}

/** The four bytes in network order. */
export function addressBytes(address: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(address >>> 0);
  return bytes;
}

export function netmask(prefix: number): number {
  // A shift by 32 is a shift by 0.
  return prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
}

/** Reads `a.b.c.d/n`; undefined if it is not one or has host bits set. */
export function parseSubnet(text: string): Subnet | undefined {
  const [address, length, ...rest] = text.split('/');
  if (address === undefined || length === undefined || rest.length > 0 || !/^(0|[1-9]\d?)$/.test(length))
    return undefined;
  const base = parseAddress(address);
  const prefix = Number(length);
  if (base === undefined || prefix > 32 || (base & netmask(prefix)) >>> 0 !== base) return undefined;
  return { base, prefix };
}

export function formatSubnet({ base, prefix }: Subnet): string {
  return `${formatAddress(base)}/${prefix}`;
}

/** The network that an address with a prefix length is in. */
export function subnetOf(address: number, prefix: number): Subnet {
  return { base: (address & netmask(prefix)) >>> 0, prefix };
}

export function contains({ base, prefix }: Subnet, address: number): boolean {
  return (address & netmask(prefix)) >>> 0 === base;
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.prefix <= b.prefix ? contains(a, b.base) : contains(b, a.base);
}

/** The last address: broadcast. */
export function lastAddress({ base, prefix }: Subnet): number {
  return (base | ~netmask(prefix)) >>> 0;
}

/** `02:42:…` as six bytes. @throws RangeError if it is not a MAC address. */
export function macBytes(mac: string): Buffer {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac)) throw new RangeError(`not a MAC address: ${mac}`);
  return Buffer.from(mac.replaceAll(':', ''), 'hex');
}

export function formatMac(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** How the MAC addresses begin that {@link macOf} gives. */
export const MAC_PREFIX = '02:74:';

/** A locally administered MAC that says the address, so that a reused address never meets a stale ARP entry. */
export function macOf(address: number): string {
  return `${MAC_PREFIX}${formatMac(addressBytes(address))}`;
}
