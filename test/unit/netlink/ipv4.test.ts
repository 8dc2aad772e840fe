import { describe, expect, it } from 'vitest';
import * as ipv4 from '../../../core/kernel/netlink/ipv4.js';

const subnet = (text: string) => ipv4.parseSubnet(text) as ipv4.Subnet;

describe('IPv4 addresses', () => {
  it.each(['0.0.0.0', '10.209.0.1', '255.255.255.255'])('reads and writes %s', (text) => {
    expect(ipv4.formatAddress(ipv4.parseAddress(text) as number)).toBe(text);
  });

  it.each(['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', '1.2.3.-4', '1.2.3.4 ', '0x7f.0.0.1', '::1', '1..2.3'])(
    'does not take %j for an address',
    (text) => expect(ipv4.parseAddress(text)).toBeUndefined(),
  );

  it.each(['10.0.0.1/8', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0', '10.0.0.0/8/8', '10.0.0.0/08', '10.0.0.0/-1'])(
    'does not take %j for a subnet',
    (text) => expect(ipv4.parseSubnet(text)).toBeUndefined(),
  );

  it('has masks from /0 to /32', () => {
    expect([0, 1, 16, 31, 32].map((prefix) => ipv4.formatAddress(ipv4.netmask(prefix)))).toEqual([
      '0.0.0.0',
      '128.0.0.0',
      '255.255.0.0',
      '255.255.255.254',
      '255.255.255.255',
    ]);
  });

  it('knows what overlaps', () => {
    expect(ipv4.overlaps(subnet('10.0.0.0/8'), subnet('10.209.0.0/16'))).toBe(true);
    expect(ipv4.overlaps(subnet('10.209.0.0/16'), subnet('10.0.0.0/8'))).toBe(true);
    expect(ipv4.overlaps(subnet('10.208.0.0/16'), subnet('10.209.0.0/16'))).toBe(false);
    expect(ipv4.overlaps(subnet('192.168.0.0/24'), subnet('192.168.0.255/32'))).toBe(true);
  });

  it('has the last address of a subnet above 2^31', () => {
    expect(ipv4.formatAddress(ipv4.lastAddress(subnet('192.168.209.0/24')))).toBe('192.168.209.255');
  });

  it('reads MAC addresses strictly', () => {
    expect(ipv4.formatMac(ipv4.macBytes('02:74:0A:d1:00:01'))).toBe('02:74:0a:d1:00:01');
    expect(() => ipv4.macBytes('02:74:0a:d1:00')).toThrow(RangeError);
  });
});
