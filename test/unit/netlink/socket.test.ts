import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { formatAddress, NetlinkError, RouteNetlink } from '../../../core/kernel/netlink/index.js';

const route = new RouteNetlink(new LibcGate());
afterAll(() => route.close());

describe('rtnetlink with the kernel', () => {
  it('lists the links that /proc lists', () => {
    expect(
      route
        .links()
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...readFileSync('/proc/net/dev', 'utf8').matchAll(/^ *(\S+):/gm)].map(([, name]) => name).sort());
  });

  it('lists the addresses that Node lists', () => {
    const known = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ family }) => family === 'IPv4');
    expect(route.addresses().map(({ address }) => formatAddress(address))).toEqual(
      expect.arrayContaining(known.map(({ address }) => address)),
    );
  });

  it('finds the loopback by name, and nothing under a name that is not there', () => {
    expect(route.link('lo')).toMatchObject({ index: 1, name: 'lo', master: undefined });
    expect(route.link('nosuchlink')).toBeUndefined();
  });

  it('names the message that the kernel refused', () => {
    // ENODEV for root, EPERM for everybody else.
    const change = () => route.setLink('nosuchlink', { up: true });
    expect(change).toThrow(NetlinkError);
    expect(change).toThrow(/^netlink RTM_SETLINK nosuchlink: (ENODEV|EPERM) /);
  });

  it('goes on after a refusal', () => {
    expect(() => route.setLink('nosuchlink', { up: true })).toThrow(NetlinkError);
    expect(route.link('lo')?.name).toBe('lo');
  });

  it('opens its socket on first use and closes it', () => {
    const count = () => readdirSync('/proc/self/fd').length;
    const own = new RouteNetlink(new LibcGate());
    const before = count();
    own.links();
    expect(count()).toBe(before + 1);
    own.close();
    expect(count()).toBe(before);
  });
});
