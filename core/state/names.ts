import { linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';
import { randomBytes } from '../kernel/random.js';
import { TsboxError } from '../plugin/error.js';
import { removeIfThere } from './journal-file.js';
import { storageError } from './storage-error.js';

const VALID = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
const ID = /^[0-9a-f]{64}$/;

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

/**
 * Takes a name for a container: one file per name, with its id in it from the first moment, made by link(2),
 * which fails where there is one. @throws TsboxError when it is taken, or cannot be written
 */
export function takeName(root: string, name: string, id: string): void {
  const path = nameFile(root, name);
  const temporary = temporaryFile(root, id);
  try {
    writeNew(temporary, id);
    linkSync(temporary, path);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw nameInUse(root, name);
    throw storageError(error, path) ?? error;
  } finally {
    removeIfThere(temporary);
  }
}

/** Gives a name back, if it is still this container's, or nobody can say whose it is. */
export function releaseName(root: string, name: string, id: string): void {
  // Left by whoever was killed while it took the name.
  if (ID.test(id)) removeIfThere(temporaryFile(root, id));
  const text = readName(root, name);
  if (text === undefined || (text !== id && ID.test(text))) return;
  removeIfThere(nameFile(root, name));
}

/** The id of the container that has this name. @throws TsboxError naming the file when it is damaged */
export function ownerOfName(root: string, name: string): string | undefined {
  const text = readName(root, name);
  if (text === undefined || ID.test(text)) return text;
  throw new TsboxError('ERR_TSBOX_STATE', {
    what: `cannot read ${nameFile(root, name)}`,
    why: 'it holds no id of a container',
    fix: ['tsbox gc puts it right', 'until then the container is found by its id'],
  });
}

/** All names that are taken. */
export function listNames(root: string): string[] {
  try {
    return readdirSync(join(root, 'names')).filter((name) => VALID.test(name));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw storageError(error, join(root, 'names'), `cannot read ${join(root, 'names')}`) ?? error;
  }
}

function readName(root: string, name: string): string | undefined {
  try {
    return readFileSync(nameFile(root, name), 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENAMETOOLONG')) return undefined;
    if (hasCode(error, 'EISDIR')) return '';
    throw storageError(error, nameFile(root, name), `cannot read ${nameFile(root, name)}`) ?? error;
  }
}

function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600 });
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
  }
}

function nameInUse(root: string, name: string): TsboxError {
  const owner = ownerOfName(root, name)?.slice(0, 12) ?? 'another';
  return new TsboxError('ERR_TSBOX_NAME_IN_USE', {
    what: `cannot name the container ${name}`,
    why: `the name is already in use by container ${owner}`,
    fix: [`remove that container: tsbox rm ${name}`, 'or choose another --name'],
    diagnosis: 'name-in-use',
  });
}

function temporaryFile(root: string, id: string): string {
  return join(root, 'names', `.taking-${id}`);
}

function nameFile(root: string, name: string): string {
  return join(root, 'names', name);
}
