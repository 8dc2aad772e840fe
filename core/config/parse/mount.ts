import { nearest } from '../../plugin/nearest.js';
import type { MountSpec } from '../../plugin/spec.js';
import { badValue, type Found } from '../place.js';
import { splitCommas } from './comma-fields.js';
import { parseSource } from './source.js';
import { parseTarget } from './target.js';
import { tmpfsMode, tmpfsSize } from './tmpfs.js';
import { parsePropagation, parseVolumeName } from './volume.js';

const ALIASES: Readonly<Record<string, string>> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
};
const FIELDS = {
  bind: ['type', 'source', 'target', 'readonly', 'bind-propagation', 'bind-recursive'],
  tmpfs: ['type', 'target', 'readonly', 'tmpfs-size', 'tmpfs-mode'],
  volume: ['type', 'source', 'target', 'readonly', 'volume-nocopy'],
} as const;
/** They may stand without a value. */
const FLAGS: readonly string[] = ['readonly', 'volume-nocopy'];

/** `--mount [type=volume,]source=…,target=…[,readonly]`; a field with a comma stands in double quotes. */
export function parseMount(found: Found<string>): MountSpec {
  const fields = readFields(found);
  // docker's default.
  const type = fields.get('type') ?? 'volume';
  if (!isType(type)) throw badValue(found, 'the type is bind, volume or tmpfs');
  for (const key of fields.keys()) checkField(found, key, type);
  const target = fields.get('target');
  if (target === undefined) throw badValue(found, 'it has no target=');
  const common = {
    target: parseTarget(found, target),
    readOnly: readBoolean(found, fields.get('readonly') ?? 'false'),
  };
  return MAKERS[type](found, fields, common);
}

function volumeMount(found: Found<string>, fields: Map<string, string>, common: Common): MountSpec {
  const source = fields.get('source');
  return {
    type: 'volume',
    ...(source !== undefined && { name: parseVolumeName(found, source) }),
    ...common,
    noCopy: readBoolean(found, fields.get('volume-nocopy') ?? 'false'),
  };
}

type Common = Pick<MountSpec, 'target' | 'readOnly'>;

function bindMount(found: Found<string>, fields: Map<string, string>, common: Common): MountSpec {
  const source = fields.get('source');
  if (source === undefined) throw badValue(found, 'it has no source=');
  const word = fields.get('bind-propagation');
  const propagation = word === undefined ? undefined : parsePropagation(word)?.propagation;
  if (word !== undefined && !propagation) throw badValue(found, `${JSON.stringify(word)} is not a propagation`);
  const depth = fields.get('bind-recursive') ?? 'enabled';
  if (depth !== 'enabled' && depth !== 'disabled') throw badValue(found, 'bind-recursive is enabled or disabled');
  const recursive = depth === 'enabled';
  return {
    type: 'bind',
    source: parseSource(found, source),
    ...common,
    recursive,
    ...(propagation && { propagation }),
  };
}

function tmpfsMount(found: Found<string>, fields: Map<string, string>, common: Common): MountSpec {
  const size = fields.get('tmpfs-size');
  const mode = fields.get('tmpfs-mode');
  return {
    type: 'tmpfs',
    ...common,
    options: [],
    ...(size !== undefined && { size: tmpfsSize(found, size) }),
    ...(mode !== undefined && { mode: tmpfsMode(found, mode) }),
  };
}

const MAKERS = { bind: bindMount, tmpfs: tmpfsMount, volume: volumeMount } as const;

function isType(type: string): type is keyof typeof FIELDS {
  return type in FIELDS;
}

function checkField(found: Found<string>, key: string, type: keyof typeof FIELDS): void {
  const known: readonly string[] = FIELDS[type];
  if (known.includes(key)) return;
  const meant = nearest(key, [...known, ...Object.keys(ALIASES)]);
  throw badValue(
    found,
    `a ${type} has no field ${JSON.stringify(key)}`,
    meant ? `did you mean ${meant}?` : `fields: ${known.join(', ')}`,
  );
}

function readFields(found: Found<string>): Map<string, string> {
  const fields = new Map<string, string>();
  for (const field of splitCommas(found)) {
    const equals = field.indexOf('=');
    const name = equals < 0 ? field : field.slice(0, equals);
    const key = ALIASES[name] ?? name;
    if (equals < 0 && !FLAGS.includes(key)) throw badValue(found, `${JSON.stringify(field)} is not key=value`);
    if (fields.has(key)) throw badValue(found, `it has ${key} twice`);
    fields.set(key, equals < 0 ? 'true' : field.slice(equals + 1));
  }
  return fields;
}

function readBoolean(found: Found<string>, text: string): boolean {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw badValue(found, `${JSON.stringify(text)} is neither true nor false`);
}
