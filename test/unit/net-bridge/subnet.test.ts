import { describe, expect, it } from 'vitest';
import { formatSubnet, parseAddress, parseSubnet, type Subnet } from '../../../core/plugin/index.js';
import { chooseSubnet, collisionOf } from '../../../plugins/net-bridge/subnet.js';

const subnet = (text: string) => parseSubnet(text) as Subnet;
const address = (text: string) => parseAddress(text) as number;
const NOTHING = { routes: [], addresses: [], servers: [] };
const route = (text: string) => ({ destination: subnet(text) });

describe('the choice of a subnet', () => {
  it('takes the first candidate on a host that has nothing near', () => {
    const surroundings = { ...NOTHING, routes: [route('0.0.0.0/0'), route('192.0.2.0/24')] };
    expect(formatSubnet(chooseSubnet(undefined, surroundings))).toBe('10.209.0.0/16');
  });

  it.each([
    ['a route inside it', { ...NOTHING, routes: [route('10.209.7.0/24')] }, '10.210.0.0/16'],
    ['a route around it', { ...NOTHING, routes: [route('10.0.0.0/8')] }, '172.26.0.0/16'],
    [
      'an address of a link that is down',
      { ...NOTHING, addresses: [{ link: 2, address: address('10.209.3.3'), prefix: 24 }] },
      '10.210.0.0/16',
    ],
    ['a name server', { ...NOTHING, servers: [address('10.209.0.53')] }, '10.210.0.0/16'],
    ['all of 10 and 172', { ...NOTHING, routes: [route('10.0.0.0/8'), route('172.16.0.0/12')] }, '192.168.209.0/24'],
  ])('goes past %s', (_, surroundings, expected) => {
    expect(formatSubnet(chooseSubnet(undefined, surroundings))).toBe(expected);
  });

  it('takes the one that is asked for, unless it collides', () => {
    const asked = subnet('10.1.0.0/24');
    expect(chooseSubnet(asked, NOTHING)).toEqual(asked);
    const choose = () => chooseSubnet(asked, { ...NOTHING, routes: [route('10.1.0.128/25')] });
    expect(choose).toThrow(
      expect.objectContaining({ code: 'ERR_TSBOX_INVALID_SPEC', why: expect.stringContaining('10.1.0.128/25') }),
    );
  });

  it('says so when every candidate collides', () => {
    const routes = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(route);
    expect(() => chooseSubnet(undefined, { ...NOTHING, routes })).toThrow(
      expect.objectContaining({ code: 'ERR_TSBOX_NO_ADDRESS' }),
    );
  });

  it('does not take a default route for a collision', () => {
    expect(collisionOf(subnet('10.209.0.0/16'), { ...NOTHING, routes: [route('0.0.0.0/0')] })).toBeUndefined();
  });
});
