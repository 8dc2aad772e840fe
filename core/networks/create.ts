import { mkdirSync } from 'node:fs';
import type { Engine } from '../engine/index.js';
import { hasCode } from '../kernel/error.js';
import { randomBytes } from '../kernel/random.js';
import type { NetworkDriver } from '../plugin/drivers.js';
import { TsboxError } from '../plugin/error.js';
import type { NetworkObject, NetworkSettings } from '../plugin/networks.js';
import { withContainerLock } from '../state/container-lock.js';
import { createNetworkFile, isNetworkName, listNetworkFiles, networksDirectory } from '../state/networks.js';
import { networkEvent } from './event.js';

export interface CreateNetworkOptions extends Partial<NetworkSettings> {
  readonly name: string;
  /** Default `bridge`. */
  readonly driver?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const STANDARD_DRIVER = 'bridge';

/** Makes a network. Nothing is done on the host before a container uses it. @throws TsboxError */
export async function createNetwork(engine: Engine, options: CreateNetworkOptions): Promise<NetworkObject> {
  const { name, driver = STANDARD_DRIVER, labels = {}, internal = false, options: own = {}, ...addresses } = options;
  checkNetworkName(name, engine.driverNames('network'));
  const { designNetwork } = await driverWithNetworks(engine, driver, name);
  const directory = networksDirectory(engine.paths.root);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // One at a time: two at once would choose one subnet.
  const network = await withContainerLock(engine.gate, directory, () => {
    const others = listNetworkFiles(engine.paths.root, () => {});
    if (others.some((other) => other.name === name)) throw nameInUse(name);
    const settings = designNetwork({ internal, options: own, ...addresses }, others);
    const id = randomBytes(engine.gate, 32).toString('hex');
    const made = { id, name, driver, created: new Date().toISOString(), labels, ...settings };
    takeName(engine.paths.root, made);
    return { ...made, builtin: false };
  });
  networkEvent(engine, 'create', network);
  return network;
}

function takeName(root: string, network: Omit<NetworkObject, 'builtin'>): void {
  try {
    createNetworkFile(root, network);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw nameInUse(network.name, error);
    throw error;
  }
}

async function driverWithNetworks(
  engine: Engine,
  name: string,
  network: string,
): Promise<{ readonly designNetwork: NonNullable<NetworkDriver['designNetwork']> }> {
  const driver = await engine.driver('network', name);
  const what = `cannot create network "${network}"`;
  const { designNetwork } = driver;
  if (!designNetwork) {
    const why = `the network driver "${name}" has the one network of its own name`;
    throw new TsboxError('ERR_TSBOX_INVALID_SPEC', { what, why, fix: '--driver=bridge' });
  }
  const support = driver.check();
  if (support.works) return { designNetwork: designNetwork.bind(driver) };
  throw new TsboxError('ERR_TSBOX_DRIVER_UNSUPPORTED', { what, why: support.reason, fix: support.fix });
}

function checkNetworkName(name: string, drivers: readonly string[]): void {
  const what = `cannot create network ${JSON.stringify(name)}`;
  if (!isNetworkName(name)) {
    const why = 'a name begins with a letter or a digit, and goes on with those, "_", "." and "-"';
    throw new TsboxError('ERR_TSBOX_INVALID_SPEC', { what, why, fix: 'tsbox network create backend' });
  }
  if (![...drivers, 'auto', 'default'].includes(name)) return;
  const why = 'that name is taken: it means what is always there';
  throw new TsboxError('ERR_TSBOX_INVALID_SPEC', { what, why, fix: 'choose another name' });
}

function nameInUse(name: string, cause?: unknown): TsboxError {
  return new TsboxError('ERR_TSBOX_NAME_IN_USE', {
    what: `cannot create network "${name}"`,
    why: 'there is a network of that name',
    fix: [`tsbox network inspect ${name}`, 'or choose another name'],
    cause,
  });
}
