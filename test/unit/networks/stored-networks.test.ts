import { describe, expect, it } from 'vitest';
import { withEndpoint, withNetwork, withoutNetwork } from '../../../core/networks/stored-networks.js';
import type { NetworkSpec } from '../../../core/plugin/index.js';
import { builtinNetwork } from '../../../core/state/networks.js';
import type { ContainerDetails } from '../../../core/state/record.js';

const ALONE: NetworkSpec = { ports: [], dns: [], dnsSearch: [], dnsOptions: [], addHosts: [], aliases: [] };

function details(network: Partial<NetworkSpec>, choice = 'one'): ContainerDetails {
  return {
    spec: { drivers: { network: choice }, network: { ...ALONE, ...network } },
    drivers: { network: { name: 'bridge', plugin: 'net-bridge' } },
    facts: {},
  } as unknown as ContainerDetails;
}

const attachment = (name: string, more: object = {}) => ({
  network: { ...builtinNetwork('bridge'), name },
  aliases: [],
  ...more,
});
const network = ({ spec }: ContainerDetails) => ({ choice: spec.drivers.network, ...spec.network });

describe('what is stored of the networks of a container', () => {
  it('is one more, with what was asked for there', () => {
    const more = withNetwork(details({ ip: '10.0.0.2' }), attachment('two', { ip: '10.0.1.2', aliases: ['db'] }));
    expect(network(more)).toMatchObject({
      choice: 'one',
      ip: '10.0.0.2',
      further: [{ network: 'two', ip: '10.0.1.2', aliases: ['db'] }],
    });
  });

  it('is one less, further or first: then the next one is the first, with its own wishes', () => {
    const both = details({ ip: '10.0.0.2', mac: '02:00:00:00:00:01', further: [{ network: 'two', aliases: ['db'] }] });
    expect(network(withoutNetwork(both, 'two'))).toMatchObject({ choice: 'one', ip: '10.0.0.2', further: [] });
    const left = network(withoutNetwork(both, 'one'));
    expect(left).toMatchObject({ choice: 'two', aliases: ['db'], further: [] });
    expect(left).not.toHaveProperty('ip');
    expect(left).not.toHaveProperty('mac');
  });

  it('is none, and then another one', () => {
    const none = withoutNetwork(details({ aliases: ['db'] }), 'one');
    expect(network(none)).toMatchObject({ choice: 'bridge', detached: true, aliases: [] });
    const again = network(withNetwork(none, attachment('two', { ip: '10.0.1.2' })));
    expect(again).toMatchObject({ choice: 'two', ip: '10.0.1.2', further: [] });
    expect(again).not.toHaveProperty('detached');
  });

  it('lists the endpoints in the facts of the driver', () => {
    const endpoint = { network: 'two', link: 'eth1', address: '10.0.1.2', prefix: 24, mac: '02:00:00:00:00:01' };
    const more = withEndpoint(details({}), 'two', endpoint);
    expect(more.facts['net-bridge']).toEqual({ networks: [endpoint] });
    expect(withEndpoint(more, 'two', undefined).facts['net-bridge']).toEqual({ networks: [] });
  });
});
