import { mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';
import { randomBytes } from '../kernel/random.js';
import { TsboxError } from '../plugin/error.js';

const VALID = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

const ADJECTIVES =
  'amber brisk calm candid clever cosy crisp daring eager early fair fleet gentle glad golden hardy hazel humble jolly keen kind light lively lucid mellow merry mild modest neat nimble noble patient placid plain proud quick quiet rapid ready rustic sandy serene sharp silent sleek smooth snug solid spry steady stout sunny swift tidy tender vivid warm witty young'.split(
    ' ',
  );
const NOUNS =
  'alder anchor badger beacon birch bridge brook candle cedar cliff clover comet compass coral crane delta dune ember falcon fern finch fjord forge garden glacier grove harbor hazel heron island juniper kestrel lagoon lantern larch ledger linden lynx maple marten meadow mill moss oak orchard otter pebble pine plover prairie quarry raven reef ridge river rowan sparrow spruce summit thicket tide trout valley willow wren'.split(
    ' ',
  );

/** @throws TsboxError unless it is a name as docker takes it */
export function checkName(name: string): void {
  if (VALID.test(name)) return;
  throw new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: 'cannot name the container',
    why: `invalid container name (${name}): only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed, at least two characters`,
    fix: '--name web1',
  });
}

/** `adjective_noun`. */
export function generateName(gate: Gate): string {
  const random = randomBytes(gate, 8);
  return `${pick(ADJECTIVES, random.readUInt32LE(0))}_${pick(NOUNS, random.readUInt32LE(4))}`;
}

function pick(words: readonly string[], random: number): string {
  return words[random % words.length] as string;
}

/** Takes a name for a container: one file per name, made with O_EXCL. @throws TsboxError when it is taken. */
export function takeName(root: string, name: string, id: string): void {
  try {
    writeFileSync(nameFile(root, name), id, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) {
      mkdirSync(join(root, 'names'), { recursive: true, mode: 0o700 });
      return takeName(root, name, id);
    }
    if (!hasCode(error, 'EEXIST')) throw error;
    throw nameInUse(root, name);
  }
}

/** Gives a name back, if it is still this container's. */
export function releaseName(root: string, name: string, id: string): void {
  if (ownerOfName(root, name) !== id) return;
  unlinkSync(nameFile(root, name));
}

/** The id of the container that has this name. */
export function ownerOfName(root: string, name: string): string | undefined {
  try {
    return readFileSync(nameFile(root, name), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function nameInUse(root: string, name: string): TsboxError {
  const owner = ownerOfName(root, name)?.slice(0, 12) ?? 'another';
  return new TsboxError('ERR_TSBOX_NAME_IN_USE', {
    what: `cannot name the container ${name}`,
    why: `the name is already in use by container ${owner}`,
    fix: [`remove that container: tsbox rm ${name}`, 'or choose another --name'],
  });
}

function nameFile(root: string, name: string): string {
  return join(root, 'names', name);
}
