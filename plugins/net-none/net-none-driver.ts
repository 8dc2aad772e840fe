import {
  type ChildProgram,
  type Launch,
  type NetworkDriver,
  recordOwnLoopback,
  refuseNetworkRequests,
  type Support,
  WORKS,
} from '../../core/plugin/index.js';

/** A network namespace with its loopback up and nothing else. */
export class NetNoneDriver implements NetworkDriver {
  readonly capabilities = { ownNamespace: true, ports: false, address: false, unprivileged: true } as const;

  check(): Support {
    return WORKS;
  }

  validate(launch: Launch): void {
    refuseNetworkRequests(launch.spec.network, this.capabilities, 'the network driver "none" connects to nothing');
  }

  async prepare(launch: Launch): Promise<void> {
    launch.namespaces.add('net');
  }

  recordKey(): string {
    return '';
  }

  record(child: ChildProgram, launch: Launch): void {
    recordOwnLoopback(child, launch);
  }
}
