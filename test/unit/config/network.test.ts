import { describe, expect, it } from 'vitest';
import { refusal, specOf } from './support.js';

const ports = (...publish: string[]) => specOf({ publish }).network.ports;

describe('ports', () => {
  it('host and container', () => {
    expect(ports('8080:80')).toEqual([{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }]);
  });

  it('the container alone leaves the host to the kernel', () => {
    expect(ports('80/udp')).toEqual([{ containerPort: 80, protocol: 'udp' }]);
  });

  it('an address, an IPv6 address, and an address without a host port', () => {
    expect(ports('127.0.0.1:53:53/udp')).toEqual([
      { hostIp: '127.0.0.1', hostPort: 53, containerPort: 53, protocol: 'udp' },
    ]);
    expect(ports('[::1]:8080:80')).toEqual([{ hostIp: '::1', hostPort: 8080, containerPort: 80, protocol: 'tcp' }]);
    expect(ports('127.0.0.1::80')).toEqual([{ hostIp: '127.0.0.1', containerPort: 80, protocol: 'tcp' }]);
  });

  it('a range is as many ports', () => {
    expect(ports('8000-8002:80-82').map(({ hostPort, containerPort }) => [hostPort, containerPort])).toEqual([
      [8000, 80],
      [8001, 81],
      [8002, 82],
    ]);
  });

  it.each([
    '',
    ':',
    '80:',
    'http:80',
    '0:80',
    '80:0',
    '65536:80',
    '080:80',
    '80:80/sctp',
    '80:80/',
    '1.2.3:80:80',
    '::1:80:80',
    '[::1:80:80',
    '8000-8001:80',
    '8001-8000:80-81',
    '1-2-3:4',
    '80:80:80:80',
    ' 80:80',
  ])('%j is refused', (text) => {
    expect(refusal({ publish: [text] }).what).toContain('--publish');
  });
});

describe('addresses and names', () => {
  it('are taken as they are', () => {
    const { network, hostname, domainname } = specOf({
      dns: ['192.0.2.53', '2001:db8::53'],
      dnsSearch: ['example.org', '.'],
      dnsOption: ['ndots:2', 'use-vc'],
      addHost: ['db:192.0.2.7', 'v6=[2001:db8::7]', 'raw:2001:db8::8'],
      ip: '10.88.0.9',
      macAddress: '02:42:0A:58:00:09',
      hostname: 'web-1.example',
      domainname: 'example.org',
    });
    expect(network.dns).toEqual(['192.0.2.53', '2001:db8::53']);
    expect(network.dnsSearch).toEqual(['example.org', '.']);
    expect(network.dnsOptions).toEqual(['ndots:2', 'use-vc']);
    expect(network.addHosts).toEqual([
      { host: 'db', ip: '192.0.2.7' },
      { host: 'v6', ip: '2001:db8::7' },
      { host: 'raw', ip: '2001:db8::8' },
    ]);
    expect(network.ip).toBe('10.88.0.9');
    expect(network.mac).toBe('02:42:0a:58:00:09');
    expect([hostname, domainname]).toEqual(['web-1.example', 'example.org']);
  });

  it.each([
    [{ dns: ['dns.example'] }],
    [{ dns: ['1.2.3'] }],
    [{ dnsSearch: ['a b'] }],
    [{ dnsSearch: ['ok\nnameserver 192.0.2.1'] }],
    [{ dnsOption: ['ndots 2'] }],
    [{ addHost: ['db'] }],
    [{ addHost: ['db:'] }],
    [{ addHost: ['db:host'] }],
    [{ addHost: ['d b:192.0.2.7'] }],
    [{ addHost: ['db:192.0.2.7\n192.0.2.8 evil'] }],
    [{ ip: '2001:db8::1' }],
    [{ macAddress: '01:42:0a:58:00:09' }],
    [{ macAddress: '00:00:00:00:00:00' }],
    [{ macAddress: '02-42-0a-58-00-09' }],
    [{ hostname: '' }],
    [{ hostname: '-x' }],
    [{ hostname: 'a..b' }],
    [{ hostname: 'x'.repeat(65) }],
  ])('%j is refused', (values) => {
    expect(refusal(values).code).toBe('ERR_TSBOX_USAGE');
  });
});
