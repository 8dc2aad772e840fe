import { hasCode, type JsonObject, type UndoContext } from '../../core/plugin/index.js';
import { type Lease, LeaseDirectory } from './leases.js';
import { ownerOf, readMark } from './mark.js';
import { refreshNames } from './names.js';
import { removeNetwork } from './network.js';
import { NetworkKernel } from './network-kernel.js';
import { withNetworkLock } from './network-lock.js';
import { unpublish } from './ports.js';

/**
 * Gives back what a container has of its networks, those among them that it was connected to while it ran,
 * and removes each network of which it was the last. Finds everything by the container's id, so it is
 * right however far the launch came.
 */
export async function releaseContainer(args: JsonObject, { gate, root, runroot }: UndoContext): Promise<void> {
  const id = String(args.id);
  const kernel = new NetworkKernel(gate);
  try {
    await withNetworkLock(gate, () => {
      const left: string[] = [];
      for (const bridge of networksOf(kernel, runroot)) {
        const lease = LeaseDirectory.of(runroot, bridge).find(id);
        if (lease) releaseLease(kernel, runroot, bridge, { id, lease });
        if (lease?.names) left.push(bridge);
        removeUnused(kernel, runroot, bridge);
      }
      // A container that spoiled its own file is no reason why this one could not go.
      if (left.length > 0) refreshNames({ root, runroot }, left);
    });
  } finally {
    kernel.close();
  }
}

/** Removes a network that no container has anything of. */
export function removeUnused(kernel: NetworkKernel, runroot: string, bridge: string): void {
  if (LeaseDirectory.of(runroot, bridge).isUnused) removeNetwork(kernel, runroot, bridge);
}

/** Gives back what a container has of one network: its ports, its link, its address. */
export function releaseLease(
  kernel: NetworkKernel,
  runroot: string,
  bridge: string,
  { id, lease }: { readonly id: string; readonly lease: Lease },
): void {
  for (const port of lease.ports) {
    try {
      // One by one: a transaction fails as a whole when one element is gone.
      kernel.nft.commit(unpublish(bridge, port));
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
  if (lease.link) kernel.route.deleteLink(lease.link.veth);
  LeaseDirectory.of(runroot, bridge).drop(id, lease);
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
