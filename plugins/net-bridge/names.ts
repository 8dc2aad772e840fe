import { join } from 'node:path';
import { type Gate, hostsFilePath, parseAddress, type StatePaths, writeHostsNames } from '../../core/plugin/index.js';
import { hasNames } from './bridge-settings.js';
import { LeaseDirectory } from './leases.js';
import { withNetworkLock } from './network-lock.js';

interface NamedNetwork {
  readonly bridge: string;
  /** Lines of hosts(5), by the container's id. */
  readonly lines: ReadonlyMap<string, string>;
}

/**
 * Brings /etc/hosts of all containers on some networks up to date: each has the names of everybody on its
 * networks. There is no name server that could be asked, because nothing of tsbox runs beside the containers.
 * Called under the network lock.
 * @param left containers that are on none of them any more, and run
 * @returns what could not be done, in words: a container can spoil its own file
 */
export function refreshNames(
  { root, runroot }: StatePaths,
  bridges: readonly string[],
  left: readonly string[] = [],
): string[] {
  const networks = LeaseDirectory.list(runroot)
    .filter(hasNames)
    .map((bridge) => readNames(runroot, bridge));
  const concerned = networks.filter(({ bridge }) => bridges.includes(bridge)).flatMap(({ lines }) => [...lines.keys()]);
  const failures: string[] = [];
  for (const id of new Set([...concerned, ...left])) {
    const own = networks.filter(({ lines }) => lines.has(id));
    try {
      writeHostsNames(
        hostsFilePath(join(root, 'containers', id)),
        own.flatMap(({ lines }) => [...lines.values()]),
      );
    } catch (error) {
      failures.push(`/etc/hosts of container ${id.slice(0, 12)} could not be brought up to date: ${String(error)}`);
    }
  }
  return failures;
}

/** A container has another name. */
export async function renameLeases(gate: Gate, id: string, name: string, paths: StatePaths): Promise<void> {
  await withNetworkLock(gate, () => {
    const bridges = LeaseDirectory.list(paths.runroot).filter((bridge) => {
      const leases = LeaseDirectory.of(paths.runroot, bridge);
      const lease = leases.find(id);
      if (!lease?.names) return false;
      leases.write(id, { ...lease, names: [name, ...lease.names.slice(1)] });
      return true;
    });
    if (bridges.length > 0) refreshNames(paths, bridges);
  });
}

/** What a container is found by: its name first. */
export function namesOf(name: string, id: string, aliases: readonly string[]): string[] {
  return [...new Set([name, id.slice(0, 12), ...aliases])];
}

function readNames(runroot: string, bridge: string): NamedNetwork {
  const leases = LeaseDirectory.of(runroot, bridge);
  const members = leases.containers().flatMap((id) => {
    const { address, names } = leases.find(id) ?? {};
    return address && names ? [{ id, address, line: `${address}\t${names.join(' ')}` }] : [];
  });
  members.sort((a, b) => (parseAddress(a.address) ?? 0) - (parseAddress(b.address) ?? 0));
  return { bridge, lines: new Map(members.map(({ id, line }) => [id, line])) };
}
