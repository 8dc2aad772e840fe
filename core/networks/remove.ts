import type { Engine } from '../engine/index.js';
import { TsboxError } from '../plugin/error.js';
import type { NetworkObject } from '../plugin/networks.js';
import { listNetworkFiles, removeNetworkFile } from '../state/networks.js';
import { networkEvent } from './event.js';
import { findNetwork, usersOf } from './list.js';

/** Removes a network that no container uses, running or kept. @returns its id @throws TsboxError */
export async function removeNetwork(engine: Engine, reference: string): Promise<string> {
  const network = await findNetwork(engine, reference);
  if (network.builtin) throw alwaysThere(network);
  const driver = await engine.driver('network', network.driver);
  refuseUsed(engine, network);
  const forget = () => {
    // One that was made meanwhile.
    refuseUsed(engine, network);
    removeNetworkFile(engine.paths.root, network.name);
  };
  if (driver.removeNetwork) await driver.removeNetwork(network, engine.paths, forget);
  else forget();
  networkEvent(engine, 'destroy', network);
  return network.id;
}

/** Removes every network that no container uses. @returns those */
export async function pruneNetworks(
  engine: Engine,
  fits: (network: NetworkObject) => boolean = () => true,
): Promise<NetworkObject[]> {
  const removed: NetworkObject[] = [];
  for (const network of listNetworkFiles(engine.paths.root, () => {})) {
    if (!fits(network) || usersOf(engine, network).length > 0) continue;
    try {
      await removeNetwork(engine, network.name);
      removed.push(network);
    } catch (error) {
      // Somebody uses it by now, or has removed it.
      if (!(error instanceof TsboxError) || !PASSED_OVER.includes(error.code)) throw error;
    }
  }
  return removed;
}

function refuseUsed(engine: Engine, network: NetworkObject): void {
  const users = usersOf(engine, network).map(({ record }) => record.name);
  if (users.length > 0) throw inUse(network, users);
}

const PASSED_OVER = ['ERR_TSBOX_IN_USE', 'ERR_TSBOX_NO_SUCH_NETWORK'];

function alwaysThere({ name }: NetworkObject): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot remove network "${name}"`,
    why: 'it is always there',
    fix: 'tsbox network ls --filter type=custom lists those that were made',
  });
}

function inUse({ name }: NetworkObject, users: readonly string[]): TsboxError {
  return new TsboxError('ERR_TSBOX_IN_USE', {
    what: `cannot remove network "${name}"`,
    why: `containers use it: ${users.join(', ')}`,
    fix: [`tsbox rm -f ${users.join(' ')}`, `or tsbox network disconnect ${name} ${users[0]}`],
  });
}
