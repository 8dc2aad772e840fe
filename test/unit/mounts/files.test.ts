import { describe, expect, it } from 'vitest';
import type { NetworkSpec } from '../../../core/plugin/index.js';
import { resolvConf } from '../../../core/plugin/resolv-conf.js';
import { hostsFile } from '../../../plugins/mounts/hosts-file.js';
import { NO_NETWORKS, recordedLaunch } from '../../support/recording.js';

const NETWORK: NetworkSpec = { ports: [], dns: [], dnsSearch: [], dnsOptions: [], addHosts: [], aliases: [] };
const HOST = '# a comment\nnameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch example.org\noptions ndots:1\n';

function resolved(network: Partial<NetworkSpec>, nameservers?: readonly string[]): string {
  return resolvConf(
    {
      spec: recordedLaunch({ network: { ...NETWORK, ...network } }).spec,
      network: { address: undefined, nameservers, chosen: NO_NETWORKS },
    },
    HOST,
  );
}

describe('/etc/resolv.conf', () => {
  it("is the host's as long as nothing else is known", () => {
    expect(resolved({})).toBe(HOST);
  });

  it("takes the network's name servers and keeps the rest of the host's", () => {
    expect(resolved({}, ['10.88.0.1'])).toBe('nameserver 10.88.0.1\nsearch example.org\noptions ndots:1\n');
  });

  it('takes what was asked for before anything else', () => {
    const text = resolved({ dns: ['192.0.2.53'], dnsSearch: ['a.test', 'b.test'], dnsOptions: ['ndots:2', 'rotate'] }, [
      '10.88.0.1',
    ]);
    expect(text).toBe('nameserver 192.0.2.53\nsearch a.test b.test\noptions ndots:2 rotate\n');
  });

  it('has no search list for "."', () => {
    expect(resolved({ dnsSearch: ['.'] })).toBe('nameserver 192.0.2.1\nnameserver 192.0.2.2\noptions ndots:1\n');
  });
});

describe('/etc/hosts', () => {
  it('has localhost and the own names at the own address', () => {
    const text = hostsFile(
      recordedLaunch(
        {},
        { hostname: 'web', network: { address: '10.88.0.7', nameservers: undefined, chosen: NO_NETWORKS } },
      ),
      '',
    );
    expect(text.split('\n').slice(0, 2)).toEqual(['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback']);
    expect(text).toContain('10.88.0.7\tweb abababababab calm_otter\n');
  });

  it('has the full name first where there is a domain, and a loopback address where there is no other', () => {
    const text = hostsFile(recordedLaunch({ domainname: 'example.org' }, { hostname: 'web' }), '');
    expect(text).toContain('127.0.1.1\tweb.example.org web abababababab calm_otter\n');
  });

  it("starts with the host's lines on the host's network", () => {
    const launch = recordedLaunch({}, { namespaces: new Set(['mount', 'uts']) });
    expect(hostsFile(launch, '192.0.2.9\tgateway\n').split('\n')[0]).toBe('192.0.2.9\tgateway');
  });

  it('has what was added last, and the host by name', () => {
    const addHosts = [
      { host: 'db', ip: '192.0.2.7' },
      { host: 'docker', ip: 'host-gateway' },
    ];
    const network = { address: '10.88.0.7', nameservers: undefined, gateway: '10.88.0.1', chosen: NO_NETWORKS };
    const text = hostsFile(recordedLaunch({ network: { ...NETWORK, addHosts } }, { network }), '');
    expect(text.endsWith('192.0.2.7\tdb\n10.88.0.1\tdocker\n')).toBe(true);
  });

  it('refuses host-gateway where the host cannot be reached', () => {
    const launch = recordedLaunch({ network: { ...NETWORK, addHosts: [{ host: 'docker', ip: 'host-gateway' }] } });
    expect(() => hostsFile(launch, '')).toThrow(/does not reach the host/);
  });
});
