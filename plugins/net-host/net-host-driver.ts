import {
  type Launch,
  type NetworkDriver,
  refuseNetworkRequests,
  type Support,
  WORKS,
} from '../../core/plugin/index.js';

/** The host's own network: no namespace, no isolation. */
export class NetHostDriver implements NetworkDriver {
  readonly capabilities = { ownNamespace: false, ports: false, address: false, unprivileged: true } as const;

  check(): Support {
    return WORKS;
  }

  validate(launch: Launch): void {
    const why = 'the network driver "host" has the host\'s own addresses and ports';
    refuseNetworkRequests(launch.spec.network, this.capabilities, why);
  }
}
