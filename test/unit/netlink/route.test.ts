import { describe, expect, it } from 'vitest';
import { parseAddress, parseSubnet, type Subnet } from '../../../core/kernel/netlink/ipv4.js';
import { encodeMessage } from '../../../core/kernel/netlink/message.js';
import { decodeAddress, newAddress } from '../../../core/kernel/netlink/route/address.js';
import {
  decodeLink,
  getLink,
  newBridge,
  newMacvlan,
  newVeth,
  setLink,
} from '../../../core/kernel/netlink/route/link.js';
import { decodeRoute, newRoute } from '../../../core/kernel/netlink/route/route.js';
import { IP } from './known-messages.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const address = (text: string) => parseAddress(text) as number;

describe('rtnetlink messages', () => {
  it('creates a bridge with the bytes that ip(8) sends', () => {
    const message = newBridge('br0', { mac: '02:74:0a:d1:00:01', mtu: 1400 });
    expect(hex(encodeMessage(message, 0x6b023b5c))).toBe(IP.newBridge);
  });

  it('creates both ends of a veth pair, one in another namespace, with the bytes that ip(8) sends', () => {
    const inner = { mac: '02:74:0a:d1:00:02', mtu: 1400, up: true, namespace: { pid: 21250 } };
    expect(hex(newVeth('eth0', inner, 'tsb0123456789ab', { mtu: 1400 }).payload)).toBe(IP.newVeth);
  });

  it('creates a macvlan link in another namespace with the bytes that ip(8) sends', () => {
    const changes = { mac: '02:74:0a:d1:00:02', up: true, namespace: { pid: 4046 }, parent: 3 };
    expect(hex(newMacvlan('eth0', changes, 'bridge').payload)).toBe(IP.newMacvlan);
  });

  it('sets alias, address generation and master with the bytes that ip(8) sends', () => {
    const changes = { alias: 'tsbox x', linkLocal: false, master: 2 };
    const payload = hex(setLink('br0', changes).payload);
    for (const known of [IP.alias, IP.noLinkLocal, '08000a0002000000']) expect(payload).toContain(known);
  });

  it('changes only the flags that are named', () => {
    const flags = (up?: boolean) => hex(setLink('br0', up === undefined ? {} : { up }).payload.subarray(8, 16));
    expect([flags(), flags(true), flags(false)]).toEqual(['0000000000000000', '0100000001000000', '0000000001000000']);
  });

  it('adds an address with the bytes that ip(8) sends, and reads them back', () => {
    const added = { link: 2, address: address('10.209.0.1'), prefix: 16 };
    const { payload } = newAddress(added);
    expect(hex(payload)).toBe(IP.newAddress);
    expect(decodeAddress(payload)).toEqual(added);
  });

  it('adds a route with the bytes that ip(8) sends, and reads them back', () => {
    const route = { destination: parseSubnet('10.7.0.0/24') as Subnet, gateway: address('10.209.0.9'), link: 2 };
    const { payload } = newRoute(route);
    expect(hex(payload)).toBe(IP.newRoute);
    expect(decodeRoute(payload)).toEqual({ ...route, table: 254 });
  });

  it('takes no name that the kernel would cut', () => {
    expect(() => getLink('')).toThrow(RangeError);
    expect(() => getLink('sixteen-letters-')).toThrow(/1 to 15 bytes/);
    expect(() => getLink('a\0b')).toThrow(/NUL/);
  });

  it('reads a link without a hardware address', () => {
    const { payload } = newBridge('tun7', {});
    const link = { index: 0, name: 'tun7', up: false, mtu: 0, mac: undefined, master: undefined, alias: undefined };
    expect(decodeLink(payload)).toEqual({ ...link, kind: 'bridge' });
  });
});
