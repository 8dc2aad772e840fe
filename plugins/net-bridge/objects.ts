import {
  formatAddress,
  formatSubnet,
  type NetworkObject,
  type NetworkUse,
  type StatePaths,
  TsboxError,
} from '../../core/plugin/index.js';
import { type BridgeSettings, bridgeName } from './bridge-settings.js';
import { leasedEndpoint } from './connection.js';
import { LeaseDirectory } from './leases.js';
import { BridgeNetwork, removeNetwork } from './network.js';
import type { NetworkKernel } from './network-kernel.js';

/** Removes what is left of a network that no container uses. Called under the network lock. @throws TsboxError */
export function removeBridge(
  kernel: NetworkKernel,
  { id, name }: NetworkObject,
  { runroot }: StatePaths,
  forget: () => void,
): void {
  const bridge = bridgeName(id);
  const users = LeaseDirectory.of(runroot, bridge).containers();
  if (users.length > 0) {
    throw new TsboxError('ERR_TSBOX_IN_USE', {
      what: `cannot remove network "${name}"`,
      why: `it has addresses of ${users.map((user) => user.slice(0, 12)).join(', ')}`,
      fix: ['end those containers', 'or tsbox gc, if nothing of them runs any more'],
    });
  }
  forget();
  removeNetwork(kernel, runroot, bridge);
}

/** Who is on it now, and the subnet that the kernel has. */
export function inspectBridge(
  kernel: NetworkKernel,
  network: NetworkObject,
  settings: BridgeSettings,
  { runroot }: StatePaths,
): NetworkUse {
  const bridge = new BridgeNetwork(kernel, settings, runroot);
  const current = bridge.current();
  const leases = LeaseDirectory.of(runroot, bridge.name);
  const endpoints = leases.containers().flatMap((id) => {
    const lease = leases.find(id);
    return lease?.link ? [[id, leasedEndpoint(network.name, lease)] as const] : [];
  });
  return {
    ...(current && { subnet: formatSubnet(current.subnet), gateway: formatAddress(current.gateway) }),
    endpoints: Object.fromEntries(endpoints),
  };
}
