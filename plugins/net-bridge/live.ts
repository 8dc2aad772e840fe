import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Attachment,
  type ChosenNetworks,
  type Gate,
  hasCode,
  hostsFilePath,
  moveHostsAddress,
  type NetworkConnection,
  type NetworkMember,
  type NetworkObject,
  OWN_LOOPBACK,
  type StatePaths,
  TsboxError,
} from '../../core/plugin/index.js';
import { hasNames, vethName } from './bridge-settings.js';
import { bridgeOf, type Connection, endpointOf, takeConnection } from './connection.js';
import { addDefaultRoute, configureInside } from './inside.js';
import { type Lease, LeaseDirectory, type LeasedLink } from './leases.js';
import { namesOf, refreshNames } from './names.js';
import type { BridgeOptions } from './net-bridge-config.js';
import type { NetworkKernel } from './network-kernel.js';
import { withNetworkLock } from './network-lock.js';
import { publish } from './ports.js';
import { releaseLease, removeUnused } from './release.js';
import { plug } from './veth.js';

/** The same range as the kernel's own names for links of one kind. */
const MOST_LINKS = 64;

/** What {@link connectRunning} and {@link disconnectRunning} work with. */
export interface LiveContext {
  readonly gate: Gate;
  readonly kernel: NetworkKernel;
  readonly paths: StatePaths;
  readonly member: NetworkMember;
}

/**
 * Connects a running container to a further network. The lease is what makes it undone with the container:
 * it is taken under the lock while the container runs, and whoever takes the container back comes after that.
 */
export async function connectRunning(
  context: LiveContext,
  chosen: ChosenNetworks,
  options: BridgeOptions,
): Promise<NetworkConnection> {
  const { gate, kernel, paths, member } = context;
  const { id } = member;
  const [attachment] = chosen.attachments as [Attachment];
  const take = { kernel, options, runroot: paths.runroot, chosen, id };
  const namespace = openNamespace(member);
  try {
    const connection = await withNetworkLock(gate, () => {
      if (!member.isAlive()) throw hasEnded(member);
      const bridge = bridgeOf(take, attachment.network);
      // What a connect left that was killed.
      forget(context, bridge);
      const own = leasesOf(paths.runroot, id);
      const wantsDefault = !own.some(({ lease }) => lease.link?.isDefault);
      return undoing(context, bridge, () => {
        const made = takeConnection(take, attachment, {
          name: freeName(own),
          veth: vethName(id, bridge),
          wantsDefault,
        });
        plug(kernel, member.name, made, { fd: namespace });
        return made;
      });
    });
    await configure(context, connection, namespace);
    const warnings = await withNetworkLock(gate, () => announce(context, connection));
    return { endpoint: endpointOf(connection), warnings };
  } finally {
    closeSync(namespace);
  }
}

/** Takes a running container off a network; another one takes over its published ports and its default route. */
export async function disconnectRunning(
  context: LiveContext,
  network: NetworkObject,
  options: BridgeOptions,
): Promise<void> {
  const { gate, kernel, paths, member } = context;
  const { runroot } = paths;
  const heir = await withNetworkLock(gate, () => {
    const bridge = bridgeOf({ kernel, options, runroot }, network);
    const lease = LeaseDirectory.of(runroot, bridge).find(member.id);
    if (!lease) return undefined;
    releaseLease(kernel, runroot, bridge, { id: member.id, lease });
    if (lease.names) refreshNames(paths, [bridge], [member.id]);
    moveOwnNames(context, lease.address, leasesOf(runroot, member.id)[0]?.lease.address ?? OWN_LOOPBACK);
    removeUnused(kernel, runroot, bridge);
    return inherit(context, lease);
  });
  if (!heir || !member.isAlive()) return;
  const namespace = openNamespace(member);
  try {
    await addDefaultRoute(gate, namespace, heir.gateway as string);
  } finally {
    closeSync(namespace);
  }
}

/** @returns the link that becomes the default route */
function inherit({ kernel, paths, member }: LiveContext, lost: Lease): LeasedLink | undefined {
  if (!lost.link?.isDefault && lost.ports.length === 0) return undefined;
  const leadsOut = leasesOf(paths.runroot, member.id).filter(({ lease }) => lease.link?.gateway !== undefined);
  const heir = leadsOut.sort((a, b) => (a.bridge < b.bridge ? -1 : 1))[0];
  if (!heir?.lease.link) return undefined;
  const { bridge } = heir;
  const link = lost.link?.isDefault ? { ...heir.lease.link, isDefault: true } : heir.lease.link;
  const leases = LeaseDirectory.of(paths.runroot, bridge);
  leases.write(member.id, { ...heir.lease, link });
  if (lost.ports.length > 0) {
    leases.takePorts(member.id, { ...heir.lease, link }, lost.ports);
    kernel.nft.commit(publish(bridge, heir.lease.address, lost.ports));
  }
  return lost.link?.isDefault ? link : undefined;
}

/** Undone as a whole when the interface cannot be configured. */
async function configure(context: LiveContext, connection: Connection, namespace: number): Promise<void> {
  try {
    await configureInside(context.gate, namespace, connection);
  } catch (cause) {
    const { network, attachment } = connection;
    await withNetworkLock(context.gate, () => forget(context, network.bridge));
    throw new TsboxError('ERR_TSBOX_STEP_FAILED', {
      what: `cannot connect container ${context.member.name} to network "${attachment.network.name}"`,
      why: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

/** @returns what could not be done, in words */
function announce(context: LiveContext, { attachment, network, lease }: Connection): string[] {
  const { paths, member } = context;
  if (leasesOf(paths.runroot, member.id).length === 1) moveOwnNames(context, OWN_LOOPBACK, lease.address);
  if (!hasNames(network.bridge)) return [];
  const leases = LeaseDirectory.of(paths.runroot, network.bridge);
  // It has ended meanwhile, and its lease was given back.
  if (!leases.find(member.id)) return [];
  leases.write(member.id, { ...lease, names: namesOf(member.name, member.id, attachment.aliases) });
  return refreshNames(paths, [network.bridge]);
}

/** A container that spoiled its own file is no reason not to go on. */
function moveOwnNames({ paths, member }: LiveContext, from: string, to: string): void {
  try {
    moveHostsAddress(hostsFilePath(join(paths.root, 'containers', member.id)), from, to);
  } catch {
    // It finds itself by what it made of it.
  }
}

function undoing<Result>(context: LiveContext, bridge: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    forget(context, bridge);
    throw error;
  }
}

function forget({ kernel, paths, member }: LiveContext, bridge: string): void {
  const lease = LeaseDirectory.of(paths.runroot, bridge).find(member.id);
  if (lease) releaseLease(kernel, paths.runroot, bridge, { id: member.id, lease });
  removeUnused(kernel, paths.runroot, bridge);
}

/** What a container has of all its networks. */
function leasesOf(runroot: string, id: string): { readonly bridge: string; readonly lease: Lease }[] {
  return LeaseDirectory.list(runroot).flatMap((bridge) => {
    const lease = LeaseDirectory.of(runroot, bridge).find(id);
    return lease ? [{ bridge, lease }] : [];
  });
}

function freeName(own: readonly { readonly lease: Lease }[]): string {
  const taken = new Set(own.map(({ lease }) => lease.link?.name));
  const names = Array.from({ length: MOST_LINKS }, (_, index) => `eth${index}`);
  return names.find((name) => !taken.has(name)) ?? `eth${MOST_LINKS}`;
}

/** The descriptor is opened first and the process looked at then: it is that process's. The caller closes it. */
function openNamespace(member: NetworkMember): number {
  let fd: number;
  try {
    fd = openSync(`/proc/${member.pid}/ns/net`, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) throw hasEnded(member);
    throw error;
  }
  if (member.isAlive()) return fd;
  closeSync(fd);
  throw hasEnded(member);
}

function hasEnded({ name }: NetworkMember): TsboxError {
  return new TsboxError('ERR_TSBOX_CONTAINER_STATE', {
    what: `cannot change the networks of container ${name}`,
    why: 'it has ended meanwhile',
    fix: 'try again: it is then connected at its next start',
  });
}
