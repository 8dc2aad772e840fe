import { existsSync } from 'node:fs';
import type { MountSpec } from '../../plugin/spec.js';
import { isVolumeName } from '../../plugin/volume-name.js';
import { badValue, type Found } from '../place.js';
import { parseSource } from './source.js';
import { parseTarget } from './target.js';

export type BindMount = Extract<MountSpec, { type: 'bind' }>;
export type VolumeMount = Extract<MountSpec, { type: 'volume' }>;
export type Propagation = NonNullable<BindMount['propagation']>;

/** Accepted for docker's sake where they mean nothing: consistency hints of other systems. */
const NO_MEANING = ['consistent', 'cached', 'delegated'];
const SELINUX = '/sys/fs/selinux/enforce';

/** `-v [src:]dst[:options]`: a bind of a path, a volume by name, or an anonymous volume. */
export function parseVolume(found: Found<string>): BindMount | VolumeMount {
  const [source = '', target, options = '', ...more] = found.value.split(':');
  if (more.length > 0) throw badValue(found, 'it has more than three parts: src:dst:options');
  if (target === undefined) return volume(found, undefined, source, []);
  const words = options === '' ? [] : options.split(',');
  refuseContradiction(found, words);
  if (source !== '' && !/^[./~]/.test(source)) return volume(found, source, target, words);
  const settings = words.map((word) => bindOption(found, word));
  return Object.assign(
    { type: 'bind' as const, source: parseSource(found, source), target: parseTarget(found, target) },
    { readOnly: false, recursive: true },
    ...settings,
  );
}

function volume(found: Found<string>, name: string | undefined, target: string, words: readonly string[]): VolumeMount {
  const settings = words.map((word) => volumeOption(found, word));
  const named = name === undefined ? {} : { name: parseVolumeName(found, name) };
  const mount = { type: 'volume' as const, ...named, target: parseTarget(found, target) };
  return Object.assign(mount, { readOnly: false, noCopy: false }, ...settings);
}

/** @returns the name */
export function parseVolumeName(found: Found<string>, name: string): string {
  if (isVolumeName(name)) return name;
  throw badValue(
    found,
    `${JSON.stringify(name)} is neither a path nor the name of a volume: two characters or more, of [a-zA-Z0-9_.-]`,
    `a path starts with / or ./`,
  );
}

function bindOption(found: Found<string>, word: string): Partial<BindMount> {
  const common = commonOption(found, word) ?? parsePropagation(word);
  if (common) return common;
  throw badValue(
    found,
    `${JSON.stringify(word)} is not an option of a bind`,
    'options: ro, rw, private, slave, shared (r… for recursive), z, Z',
  );
}

function volumeOption(found: Found<string>, word: string): Partial<VolumeMount> {
  const common = word === 'nocopy' ? { noCopy: true } : commonOption(found, word);
  if (common) return common;
  throw badValue(found, `${JSON.stringify(word)} is not an option of a volume`, 'options: ro, rw, nocopy, z, Z');
}

function commonOption(found: Found<string>, word: string): { readonly readOnly?: boolean } | undefined {
  if (word === 'ro' || word === 'rw') return { readOnly: word === 'ro' };
  if (NO_MEANING.includes(word)) return {};
  return word === 'z' || word === 'Z' ? selinux(found, word) : undefined;
}

function refuseContradiction(found: Found<string>, words: readonly string[]): void {
  if (words.includes('ro') && words.includes('rw')) throw badValue(found, 'ro and rw exclude each other');
  if (words.filter(parsePropagation).length > 1) throw badValue(found, 'it has two kinds of propagation');
}

/** `rslave` binds the tree below too, `slave` the mount alone. */
export function parsePropagation(word: string): Pick<BindMount, 'propagation' | 'recursive'> | undefined {
  const match = /^(r?)(private|slave|shared)$/.exec(word);
  return match ? { propagation: match[2] as Propagation, recursive: match[1] === 'r' } : undefined;
}

/** Relabelling is nothing on a host without SELinux, and must not be left out silently on one with it. */
function selinux(found: Found<string>, word: string): { readonly readOnly?: boolean } {
  if (existsSync(SELINUX))
    throw badValue(found, `SELinux relabelling (${word}) is not supported`, 'chcon -Rt container_file_t PATH');
  return {};
}
