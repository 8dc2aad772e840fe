import { linkSync, mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import { TsboxError } from '../plugin/error.js';
import { nearest } from '../plugin/nearest.js';
import type { NetworkObject } from '../plugin/networks.js';
import { readStateFile, replaceFile } from './record.js';
import { storageError } from './storage-error.js';

/** `<root>/networks/<name>.json`. */
type NetworkFile = Omit<NetworkObject, 'builtin'> & { readonly version: 1 };

const VALID = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
const SUFFIX = '.json';

/** The network that a driver has by its own name: always there, with the same id everywhere. */
export function builtinNetwork(driver: string): NetworkObject {
  const id = Array.from({ length: 8 }, (_, part) => hash(`${part} ${driver}`)).join('');
  const created = new Date(0).toISOString();
  return { id, name: driver, driver, created, labels: {}, builtin: true, internal: false, options: {} };
}

/** FNV-1a, 8 hex digits: only to look like an id; node:crypto would cost every start of a container its loading. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}

/** Whether it can be a network's name. */
export function isNetworkName(name: string): boolean {
  return VALID.test(name);
}

/** Writes a new network, and takes its name with that. @throws EEXIST when there is one of that name */
export function createNetworkFile(root: string, network: Omit<NetworkObject, 'builtin'>): void {
  const directory = networksDirectory(root);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file: NetworkFile = { version: 1, ...network };
  const temporary = `.${network.id}`;
  replaceFile(directory, temporary, file, true);
  try {
    linkSync(join(directory, temporary), networkFile(root, network.name));
  } finally {
    unlinkSync(join(directory, temporary));
  }
}

/** Gives the name back. What is not there is success. */
export function removeNetworkFile(root: string, name: string): void {
  try {
    unlinkSync(networkFile(root, name));
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

/** A network that was made. @throws TsboxError ERR_TSBOX_STATE on a damaged file, naming it */
export function readNetwork(root: string, name: string): NetworkObject | undefined {
  if (!isNetworkName(name)) return undefined;
  const file = readStateFile<NetworkFile>(networkFile(root, name));
  if (!file) return undefined;
  const { version: _, ...network } = file;
  return { ...network, builtin: false };
}

/** Whether this very network is still there. */
export function networkExists(root: string, network: NetworkObject): boolean {
  return network.builtin || readNetwork(root, network.name)?.id === network.id;
}

/**
 * All networks that were made, by name.
 * @param onError is told of each that cannot be read, which is left out
 */
export function listNetworkFiles(root: string, onError: (error: Error) => void): NetworkObject[] {
  const networks: NetworkObject[] = [];
  for (const name of names(root)) {
    try {
      const network = readNetwork(root, name);
      if (network) networks.push(network);
    } catch (error) {
      onError(error as Error);
    }
  }
  return networks;
}

/** Names of all networks that were made, in order. */
function names(root: string): string[] {
  try {
    const files = readdirSync(networksDirectory(root));
    const found = files.filter((file) => file.endsWith(SUFFIX)).map((file) => file.slice(0, -SUFFIX.length));
    return found.filter(isNetworkName).sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw storageError(error, networksDirectory(root), `cannot read ${networksDirectory(root)}`) ?? error;
  }
}

/**
 * The network that a name, an id or an unambiguous beginning of an id means.
 * @param drivers names of all network drivers: each has a network of that name
 * @throws TsboxError ERR_TSBOX_NO_SUCH_NETWORK
 */
export function requireNetwork(root: string, reference: string, drivers: readonly string[]): NetworkObject {
  if (drivers.includes(reference)) return builtinNetwork(reference);
  const named = readNetwork(root, reference);
  if (named) return named;
  const matching = /^[0-9a-f]+$/.test(reference) ? byId(root, reference, drivers) : [];
  if (matching.length === 1) return matching[0] as NetworkObject;
  throw noSuchNetwork(reference, matching.length, [...drivers, ...names(root)]);
}

function byId(root: string, prefix: string, drivers: readonly string[]): NetworkObject[] {
  const all = [...listNetworkFiles(root, () => {}), ...drivers.map(builtinNetwork)];
  return all.filter(({ id }) => id.startsWith(prefix));
}

function noSuchNetwork(reference: string, matching: number, known: readonly string[]): TsboxError {
  const what = `cannot find network ${JSON.stringify(reference)}`;
  if (matching > 1) {
    const why = `${matching} ids begin like that`;
    return new TsboxError('ERR_TSBOX_USAGE', { what, why, fix: 'give more digits' });
  }
  const near = nearest(reference, known);
  const fix = [
    ...(near ? [`did you mean ${near}?`] : []),
    ...(isNetworkName(reference) ? [`tsbox network create ${reference}`] : []),
  ];
  const why = `there is no network of that name or id; there are ${known.join(', ')}`;
  return new TsboxError('ERR_TSBOX_NO_SUCH_NETWORK', { what, why, fix });
}

/** `<root>/networks`. */
export function networksDirectory(root: string): string {
  return join(root, 'networks');
}

function networkFile(root: string, name: string): string {
  return join(networksDirectory(root), `${name}${SUFFIX}`);
}
