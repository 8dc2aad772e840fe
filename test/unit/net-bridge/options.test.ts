import { describe, expect, it } from 'vitest';
import { macOf } from '../../../core/kernel/netlink/ipv4.js';
import type { JsonObject, NetworkSpec } from '../../../core/plugin/index.js';
import { readMark, writeMark } from '../../../plugins/net-bridge/mark.js';
import { isReachable, parseNameservers } from '../../../plugins/net-bridge/nameservers.js';
import { bridgeOptions } from '../../../plugins/net-bridge/net-bridge-config.js';
import { checkRequests } from '../../../plugins/net-bridge/requests.js';

const NETWORK = { ports: [], dns: [], dnsSearch: [], dnsOptions: [], addHosts: [], aliases: [] };

describe('options of the bridge', () => {
  it('have defaults', () => {
    expect(bridgeOptions({})).toEqual({ nameservers: [] });
  });

  it('are read', () => {
    const read = bridgeOptions({ bridge: 'tsbox-dev', subnet: '10.1.0.0/24', mtu: 1400, nameservers: ['192.0.2.53'] });
    expect(read).toEqual({
      bridge: 'tsbox-dev',
      subnet: { base: 0x0a010000, prefix: 24 },
      mtu: 1400,
      nameservers: ['192.0.2.53'],
    });
  });

  const WRONG: JsonObject[] = [
    { bridge: 'docker0' },
    { bridge: 'tsbox-0123456789' },
    { subnet: '10.1.0.1/24' },
    { subnet: '10.1.0.0/31' },
    { subnet: 24 },
    { mtu: 100 },
    { mtu: '1500' },
    { nameservers: ['dns.example'] },
    { nameservers: '192.0.2.53' },
    { subnets: [] },
    { toString: 1 },
  ];
  it.each(WRONG)('are refused when they are %j', (options) => {
    expect(() => bridgeOptions(options)).toThrow(expect.objectContaining({ code: 'ERR_TSBOX_CONFIG' }));
  });
});

describe('requests to the bridge', () => {
  const WRONG: [Partial<NetworkSpec>, string][] = [
    [{ ip: '10.0.0.300' }, 'ERR_TSBOX_INVALID_SPEC'],
    [{ ip: 'fd00::1' }, 'ERR_TSBOX_INVALID_SPEC'],
    [{ mac: '01:00:5e:00:00:01' }, 'ERR_TSBOX_INVALID_SPEC'],
    [{ mac: '00:00:00:00:00:00' }, 'ERR_TSBOX_INVALID_SPEC'],
    [{ mac: '02:74' }, 'ERR_TSBOX_INVALID_SPEC'],
    [{ ports: [{ hostIp: '::1', hostPort: 80, containerPort: 80, protocol: 'tcp' }] }, 'ERR_TSBOX_INVALID_SPEC'],
    [{ ports: [{ hostPort: 70_000, containerPort: 80, protocol: 'tcp' }] }, 'ERR_TSBOX_INVALID_SPEC'],
    [{ ports: [{ hostPort: 80, containerPort: 0, protocol: 'tcp' }] }, 'ERR_TSBOX_INVALID_SPEC'],
    [
      { ports: [80, 81].map((containerPort) => ({ hostPort: 80, containerPort, protocol: 'tcp' as const })) },
      'ERR_TSBOX_PORT_IN_USE',
    ],
  ];
  it.each(WRONG)('%j is refused', (request, code) => {
    expect(() => checkRequests({ ...NETWORK, ...request })).toThrow(expect.objectContaining({ code, exitStatus: 125 }));
  });

  it('may name one port twice for two protocols, and leave any number open', () => {
    const ports = (['tcp', 'udp'] as const).flatMap((protocol) => [
      { hostPort: 53, containerPort: 53, protocol },
      { containerPort: 80, protocol },
    ]);
    expect(() =>
      checkRequests({ ...NETWORK, ports: [...ports, ...ports.filter(({ containerPort }) => containerPort === 80)] }),
    ).not.toThrow();
  });
});

describe('the mark of a bridge', () => {
  it.each([undefined, [], ['virbr0'], ['eth0', 'default']])(
    'is read as it was written: forwarded before %j',
    (forwardedBefore) => {
      const mark = { owner: '0123456789ab', forwardedBefore };
      expect(readMark(writeMark(mark))).toEqual(mark);
    },
  );

  it('fits into an alias, whatever forwarded before', () => {
    const forwardedBefore = Array.from({ length: 100 }, (_, index) => `interface${index}`);
    const alias = writeMark({ owner: '0123456789ab', forwardedBefore });
    expect(alias.length).toBeLessThan(256);
    expect(readMark(alias)?.forwardedBefore).toEqual([]);
  });

  it('is not seen in the alias of a stranger', () => {
    for (const alias of [undefined, '', 'uplink', 'veth of tsbox web']) expect(readMark(alias)).toBeUndefined();
  });
});

describe('the MAC of an address', () => {
  it('is locally administered, for one station, and says the address', () => {
    expect(macOf(0x0ad10102)).toBe('02:74:0a:d1:01:02');
  });
});

describe("the host's name servers", () => {
  it('are read as resolv.conf(5) says', () => {
    expect(
      parseNameservers('# nameserver 1.1.1.1\nsearch x\nnameserver 127.0.0.53\nnameserver\t192.0.2.1 # x\n'),
    ).toEqual(['127.0.0.53', '192.0.2.1']);
  });

  it('on the loopback cannot be reached', () => {
    expect(['127.0.0.53', '::1', '0.0.0.0', '192.0.2.1'].map(isReachable)).toEqual([false, false, false, true]);
  });
});
