import { describe, expect, it } from 'vitest';
import { refuseBeyondCapabilities } from '../../../core/engine/capabilities.js';
import type { LaunchState } from '../../../core/engine/launch-state.js';

interface Case {
  readonly layers?: readonly string[];
  readonly privileged?: boolean;
  readonly network?: object;
  readonly resources?: object;
  readonly outlives?: boolean;
}

const ABLE = {
  storage: { layers: true, unprivileged: true },
  network: { ports: true, address: true, unprivileged: true },
  resources: { limits: ['memory', 'cpus', 'devices'] },
};

/** Refuses or not: drivers that can all but what is named, and a launch that asks for what is named. */
function ask(asked: Case, lacking: { storage?: object; network?: object; resources?: object } = {}): () => void {
  const driver = (kind: keyof typeof ABLE) => ({
    name: 'mine',
    driver: { capabilities: { ...ABLE[kind], ...lacking[kind] } },
  });
  const state = {
    drivers: { storage: driver('storage'), network: driver('network'), resources: driver('resources') },
    spec: { network: { ports: [], ...asked.network }, resources: { devices: [], ...asked.resources } },
    image: { layers: asked.layers ?? ['/one'] },
    host: { privileged: asked.privileged ?? true },
  };
  return () => refuseBeyondCapabilities(state as unknown as LaunchState, asked.outlives ?? false);
}

const PORT = { ports: [{ containerPort: 80, protocol: 'tcp' }] };

describe('what a driver declares that it cannot do', () => {
  it('is no obstacle where nobody asks for it', () => {
    const nothing = {
      storage: { layers: false },
      network: { ports: false, address: false },
      resources: { limits: [] },
    };
    expect(ask({}, nothing)).not.toThrow();
    expect(ask({ layers: ['/a', '/b'], network: PORT, resources: { memory: 1 } })).not.toThrow();
  });

  it('is refused: a limit', () => {
    const refused = ask({ resources: { memory: 1 } }, { resources: { limits: ['cpus'] } });
    expect(refused).toThrow('cannot enforce --memory: the resources driver "mine" does not enforce it');
    expect(ask({ resources: { cpus: 1 } }, { resources: { limits: ['cpus'] } })).not.toThrow();
    expect(ask({ resources: { devices: [{}] } }, { resources: { limits: [] } })).toThrow('cannot enforce --device');
  });

  it('is refused: ports, an address, a MAC address', () => {
    expect(ask({ network: PORT }, { network: { ports: false } })).toThrow('cannot publish ports');
    expect(ask({ network: { ip: '10.0.0.2' } }, { network: { address: false } })).toThrow('cannot give an address');
    expect(ask({ network: { mac: '02::' } }, { network: { address: false } })).toThrow('cannot give a MAC address');
  });

  it('is refused: an image of several layers', () => {
    expect(ask({ layers: ['/a', '/b'] }, { storage: { layers: false } })).toThrow('the image has several layers');
  });

  it('is refused: a container that outlives the process in which its network driver works', () => {
    const attended = { network: { attended: true } };
    expect(ask({ outlives: true }, attended)).toThrow('takes no container that outlives the command');
    expect(ask({ outlives: false }, attended)).not.toThrow();
    expect(ask({ outlives: true })).not.toThrow();
  });

  it.each(['storage', 'network'] as const)('is refused: an ordinary user of a %s driver that needs root', (kind) => {
    expect(ask({ privileged: false }, { [kind]: { unprivileged: false } })).toThrow('it needs root');
    expect(ask({ privileged: true }, { [kind]: { unprivileged: false } })).not.toThrow();
  });
});
