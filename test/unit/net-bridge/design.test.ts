import { describe, expect, it } from 'vitest';
import { bridgeName, vethName } from '../../../plugins/net-bridge/bridge-settings.js';
import { designBridge } from '../../../plugins/net-bridge/design.js';
import type { Surroundings } from '../../../plugins/net-bridge/subnet.js';

const NOTHING: Surroundings = { routes: [], addresses: [], servers: [] };
const design = (asked: object, surroundings = NOTHING) =>
  designBridge({ internal: false, options: {}, ...asked }, surroundings);

describe('a network of the driver bridge', () => {
  it('has a free subnet with its first address as the gateway', () => {
    expect(design({})).toEqual({ internal: false, options: {}, subnet: '10.217.0.0/20', gateway: '10.217.0.1' });
    const servers = [0x0ad90005];
    expect(design({}, { ...NOTHING, servers })).toMatchObject({ subnet: '10.217.16.0/20' });
  });

  it('has what was asked for, and options by our names', () => {
    const options = { 'com.docker.network.driver.mtu': '01400', icc: 'false' };
    const asked = { subnet: '10.1.0.0/24', gateway: '10.1.0.254', ipRange: '10.1.0.128/25', internal: true, options };
    expect(design(asked)).toEqual({ ...asked, options: { mtu: '1400', icc: 'false' } });
  });

  it.each([
    [{ subnet: '10.1.0.0/31' }, /\/8 to \/30/],
    [{ subnet: 'fd00::/64' }, /it is not an IPv4 network/],
    [{ subnet: '10.1.0.0/24', gateway: '10.1.0.0' }, /cannot use the gateway/],
    [{ subnet: '10.1.0.0/24', gateway: '10.1.0.255' }, /cannot use the gateway/],
    [{ subnet: '10.1.0.0/24', ipRange: '10.1.0.0/23' }, /cannot use the range/],
    [{ options: { icc: 'maybe' } }, /neither true nor false/],
  ])('refuses %j', (asked, why) => {
    expect(() => design(asked)).toThrow(why);
  });

  it('has names of links that fit, and that no veth pair has', () => {
    const id = 'abcdef'.repeat(11).slice(0, 64);
    const names = [bridgeName(id), vethName(id), vethName(id, 'tsbox0'), vethName(id, bridgeName(id))];
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(15);
  });
});
