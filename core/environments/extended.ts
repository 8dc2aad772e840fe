import { dirname, resolve } from 'node:path';
import { checkConfig, checkEnvironment } from '../config/check-config.js';
import { readValue } from '../config/read-config.js';
import { type Caller, trustedFile } from '../config/trust.js';
import { TsboxError } from '../plugin/error.js';
import { nearest } from '../plugin/nearest.js';
import { type Definition, definitionIn } from './definition.js';
import { findPackageConfig } from './package-config.js';
import { refusal } from './refusal.js';

/** Reads what `extends` names. @param index of the reference in a list */
export async function findExtended(
  reference: string,
  index: number,
  from: Definition,
  caller: Caller,
): Promise<Definition> {
  try {
    return await find(reference, from, caller);
  } catch (error) {
    // What another file says wrong is explained with that file's name.
    if (error instanceof TsboxError) throw error;
    const isList = Array.isArray(from.value.extends);
    throw await refusal(`cannot extend ${JSON.stringify(reference)}`, {
      file: from.file,
      path: [...from.path, 'extends', ...(isList ? [index] : [])],
      why: (error as Error).message,
      fix: error instanceof NotFound ? error.fix : [],
      cause: error,
    });
  }
}

/** Why a reference leads nowhere; the place is added above. */
class NotFound extends Error {
  constructor(
    why: string,
    readonly fix: string,
  ) {
    super(why);
  }
}

async function find(reference: string, from: Definition, caller: Caller): Promise<Definition> {
  const hash = reference.indexOf('#');
  const target = hash < 0 ? reference : reference.slice(0, hash);
  const wanted = hash < 0 ? undefined : reference.slice(hash + 1);
  if (target === '') return sibling(wanted ?? '', from);
  if (/^\.{0,2}\//.test(target)) return inFile(resolve(from.directory, target), wanted, from, caller);
  if (wanted === undefined && Object.hasOwn(from.siblings, target)) return sibling(target, from);
  const file = await findPackageConfig(target, from.file).catch((cause: Error) => {
    throw new NotFound(
      `neither an environment of ${from.file} nor an installed package has that name: ${cause.message.split('\n')[0]}`,
      meant(target, Object.keys(from.siblings)) ?? `npm install ${target}; a file starts with ./`,
    );
  });
  return inFile(file, wanted, from, caller);
}

function sibling(name: string, from: Definition): Definition {
  const { siblings, file, directory } = from;
  const value = Object.hasOwn(siblings, name) ? siblings[name] : undefined;
  if (value) return { name, file, directory, path: ['environments', name], value, siblings };
  throw missing(name, from.file, Object.keys(siblings));
}

function missing(name: string, file: string, known: readonly string[]): NotFound {
  const list = known.length > 0 ? `there are ${known.join(', ')}` : 'there are none at all';
  return new NotFound(
    `${file} has no environment ${JSON.stringify(name)}; ${list}`,
    meant(name, known) ?? `one of these`,
  );
}

function meant(name: string, known: readonly string[]): string | undefined {
  const near = nearest(name, known);
  return near && `did you mean ${near}?`;
}

/** A config file with environments, or a file that is one environment. */
async function inFile(file: string, wanted: string | undefined, from: Definition, caller: Caller): Promise<Definition> {
  const real = trustedFile(file, 'the environment', caller);
  const value = (await readValue(file, real)) ?? {};
  const directory = dirname(real);
  if (wanted === undefined && !hasEnvironments(value)) {
    return { file, directory, path: [], value: await checkEnvironment(value, file), siblings: {} };
  }
  const config = await checkConfig(value, file);
  const name = wanted ?? chosen(Object.keys(config.environments ?? {}), from.name, file);
  const found = definitionIn({ file, directory, config }, name);
  if (found) return found;
  throw missing(name, file, Object.keys(config.environments ?? {}));
}

function hasEnvironments(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'environments' in value;
}

/** Which of a file's environments is meant where none is named. */
function chosen(names: readonly string[], own: string | undefined, file: string): string {
  const found = [own, 'default'].find((name) => name !== undefined && names.includes(name));
  if (found !== undefined) return found;
  const [only, ...more] = names;
  if (only !== undefined && more.length === 0) return only;
  throw new NotFound(
    `${file} has ${names.length === 0 ? 'no environments' : `several environments: ${names.join(', ')}`}`,
    `say which: ${file}#NAME`,
  );
}
