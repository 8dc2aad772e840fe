import { hasCode, type JsonObject, type UndoContext } from '../../core/plugin/index.js';
import { type Lease, LeaseDirectory } from './leases.js';
import { ownerOf, readMark } from './mark.js';
import { removeNetwork } from './network.js';
import { NetworkKernel } from './network-kernel.js';
import { withNetworkLock } from './network-lock.js';
import { unpublish } from './ports.js';

/**
 * Gives back what a container has of its network, and removes the network if that was the last one.
 * Finds everything by the container's id, so it is right however far the launch came.
 */
export async function releaseContainer(args: JsonObject, { gate, runroot }: UndoContext): Promise<void> {
  const id = String(args.id);
  const kernel = new NetworkKernel(gate);
  try {
    await withNetworkLock(gate, () => {
      for (const bridge of networksOf(kernel, runroot)) {
        const leases = LeaseDirectory.of(runroot, bridge);
        const lease = leases.find(id);
        if (lease) release(kernel, leases, bridge, { id, lease });
        if (leases.isUnused) removeNetwork(kernel, runroot, bridge);
      }
    });
  } finally {
    kernel.close();
  }
}

/** Those with leases; or, when the leases are gone, those that still have a bridge. */
function networksOf(kernel: NetworkKernel, runroot: string): string[] {
  const leased = LeaseDirectory.list(runroot);
  if (leased.length > 0) return leased;
  const ours = kernel.route.links().filter(({ alias }) => readMark(alias)?.owner === ownerOf(runroot));
  // A bridge with ports has containers whose leases somebody removed: theirs to the last.
  return ours
    .filter(({ index }) => !kernel.route.links().some(({ master }) => master === index))
    .map(({ name }) => name);
}

function release(
  kernel: NetworkKernel,
  leases: LeaseDirectory,
  bridge: string,
  held: { id: string; lease: Lease },
): void {
  for (const port of held.lease.ports) {
    try {
      // One by one: a transaction fails as a whole when one element is gone.
      kernel.nft.commit(unpublish(bridge, port));
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
  leases.drop(held.id, held.lease);
}
