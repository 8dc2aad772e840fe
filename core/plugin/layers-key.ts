import { createHash, type Hash } from 'node:crypto';
import { type BigIntStats, lstatSync, readdirSync } from 'node:fs';

const SLASH = Buffer.from('/');

/**
 * A name for what a driver makes once of layers, and keeps: another one when they are others. Those of the
 * store never change, and cost one look each; of any other directory, which its owner may edit between two
 * containers, every entry is looked at.
 * @param root of the state: `launch.paths.root`
 */
export function layersKey(layers: readonly string[], root: string): string {
  const hash = createHash('sha256');
  for (const layer of layers) {
    hash.update(`${layer}\0`);
    if (layer.startsWith(`${root}/images/`)) addEntry(hash, lstatSync(layer, { bigint: true }));
    else addTree(hash, Buffer.from(layer));
  }
  // Not hexadecimal: it is no container's id, and does not look like one.
  return hash.digest('base64url').slice(0, 22);
}

/** ctime changes with everything that can be changed, and cannot be set back. */
function addEntry(hash: Hash, { dev, ino, ctimeNs }: BigIntStats): void {
  hash.update(`${dev} ${ino} ${ctimeNs}\n`);
}

/** Names are bytes; no link is followed. */
function addTree(hash: Hash, directory: Buffer): void {
  addEntry(hash, lstatSync(directory, { bigint: true }));
  const names = readdirSync(directory, { encoding: 'buffer' }).sort(Buffer.compare);
  for (const name of names) {
    const path = Buffer.concat([directory, SLASH, name]);
    const status = lstatSync(path, { bigint: true });
    hash.update(name).update('\0');
    if (status.isDirectory()) addTree(hash, path);
    else addEntry(hash, status);
  }
}
