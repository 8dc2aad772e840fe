import { statSync } from 'node:fs';
import { posix, resolve } from 'node:path';
import { TsboxError } from '../../plugin/error.js';
import { nearest } from '../../plugin/nearest.js';
import type { SecretSpec } from '../../plugin/spec.js';
import { badValue, errorPlaces, type Found, placeName } from '../place.js';
import { commaField, splitCommas } from './comma-fields.js';
import { parseTarget } from './target.js';

/** Where secrets are found that say nothing else. */
export const SECRETS_DIRECTORY = '/run/secrets';

const ALIASES: Readonly<Record<string, string>> = {
  name: 'id',
  source: 'src',
  file: 'src',
  dst: 'target',
  destination: 'target',
};
const FIELDS = ['id', 'src', 'target', 'env', 'mode', 'type'] as const;
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$/;
const VARIABLE = /^[^=\0\s]+$/;
const EXAMPLE = 'id=token,src=./token.txt';

/** A secret, and the variable that says where it is. */
export interface ParsedSecret extends SecretSpec {
  readonly env?: string;
}

/** `id=NAME,src=FILE[,target=PATH][,env=VARIABLE][,mode=0400]`. Its file is not read. */
export function parseSecret(found: Found<string>): ParsedSecret {
  const fields = readFields(found);
  const type = fields.get('type') ?? 'file';
  if (type !== 'file') throw badValue(found, `there is no secret of type ${JSON.stringify(type)}; it is a file`);
  const src = fields.get('src');
  if (src === undefined) throw badValue(found, 'it has no src=: a secret comes from a file', EXAMPLE);
  const name = fields.get('id') ?? posix.basename(src);
  if (!NAME.test(name)) throw badValue(found, `${JSON.stringify(name)} is not a name: [a-zA-Z0-9][a-zA-Z0-9_.-]*`);
  const env = fields.get('env');
  if (env !== undefined && !VARIABLE.test(env)) throw badValue(found, `${JSON.stringify(env)} is no variable's name`);
  return {
    name,
    file: existing(found, name, resolve(found.place.directory, src)),
    target: secretTarget(found, name, fields.get('target')),
    mode: secretMode(found, fields.get('mode')),
    ...(env !== undefined && { env }),
  };
}

function secretTarget(found: Found<string>, name: string, target = name): string {
  if (target.split('/').includes('..')) throw badValue(found, 'the target has ".."');
  const path = parseTarget(found, posix.resolve(SECRETS_DIRECTORY, target));
  const inner = path === SECRETS_DIRECTORY || path.startsWith(`${SECRETS_DIRECTORY}/`);
  if (inner && posix.dirname(path) !== SECRETS_DIRECTORY)
    throw badValue(found, `${path} is not a file in ${SECRETS_DIRECTORY}, which has no directories`);
  return path;
}

/** Read only, whoever may read it: it is mounted so. */
function secretMode(found: Found<string>, text = '0400'): number {
  const mode = /^[0-7]{3,4}$/.test(text) ? Number.parseInt(text, 8) : undefined;
  if (mode === undefined || mode > 0o777) throw badValue(found, `${JSON.stringify(text)} is not an octal mode`, '0400');
  return mode;
}

function existing(found: Found<string>, name: string, file: string): string {
  if (statSync(file, { throwIfNoEntry: false })) return file;
  const error = new TsboxError(found.place.kind === 'flag' ? 'ERR_TSBOX_USAGE' : 'ERR_TSBOX_CONFIG', {
    what: `cannot use the secret ${JSON.stringify(name)} (${placeName(found.place)})`,
    why: `there is no file ${file}`,
    fix: `write it there, for nobody else to read: (umask 077; cat > ${file})`,
  });
  errorPlaces.set(error, found.place);
  throw error;
}

function readFields(found: Found<string>): Map<string, string> {
  const fields = new Map<string, string>();
  for (const field of splitCommas(found)) {
    const equals = field.indexOf('=');
    if (equals < 0) throw badValue(found, `${JSON.stringify(field)} is not key=value`, EXAMPLE);
    const key = ALIASES[field.slice(0, equals)] ?? field.slice(0, equals);
    if (!(FIELDS as readonly string[]).includes(key)) throw unknownField(found, key);
    if (fields.has(key)) throw badValue(found, `it has ${key} twice`);
    fields.set(key, field.slice(equals + 1));
  }
  return fields;
}

function unknownField(found: Found<string>, key: string): TsboxError {
  const meant = nearest(key, [...FIELDS, ...Object.keys(ALIASES)]);
  const fix = meant ? `did you mean ${meant}?` : `fields: ${FIELDS.join(', ')}`;
  return badValue(found, `a secret has no field ${JSON.stringify(key)}`, fix);
}

/** Secrets by name, written as the flag has them. */
export function secretFields(secrets: Readonly<Record<string, string | object>>): string[] {
  return Object.entries(secrets).map(([name, value]) => secretField(name, value));
}

/** One of them; {@link parseSecret} reads it back. */
export function secretField(id: string, value: unknown): string {
  const table = typeof value === 'string' ? { file: value } : (value as object);
  const fields = Object.entries({ id, ...table }).filter(([, text]) => text !== undefined);
  return fields.map(([key, text]) => commaField(`${key}=${text}`)).join(',');
}
