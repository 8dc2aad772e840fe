import { existsSync } from 'node:fs';
import type { MountSpec } from '../../plugin/spec.js';
import { badValue, type Found } from '../place.js';
import { parseSource } from './source.js';
import { parseTarget } from './target.js';

export type BindMount = Extract<MountSpec, { type: 'bind' }>;
export type Propagation = NonNullable<BindMount['propagation']>;

/** Accepted for docker's sake where they mean nothing: consistency hints of other systems. */
const NO_MEANING = ['consistent', 'cached', 'delegated'];
const SELINUX = '/sys/fs/selinux/enforce';

/** `-v src:dst[:options]`: a bind of a host path. */
export function parseVolume(found: Found<string>): BindMount {
  const [source = '', target, options = '', ...more] = found.value.split(':');
  if (target === undefined) throw badValue(found, 'anonymous volumes are not supported; a bind is src:dst');
  if (more.length > 0) throw badValue(found, 'it has more than three parts: src:dst:options');
  if (source !== '' && !/^[./~]/.test(source)) {
    throw badValue(
      found,
      `named volumes are not supported; a path starts with / or ./`,
      `-v "$PWD/${source}:${target}"`,
    );
  }
  const words = options === '' ? [] : options.split(',');
  const settings = words.map((word) => bindOption(found, word));
  refuseContradiction(found, words);
  return Object.assign(
    { type: 'bind' as const, source: parseSource(found, source), target: parseTarget(found, target) },
    { readOnly: false, recursive: true },
    ...settings,
  );
}

function bindOption(found: Found<string>, word: string): Partial<BindMount> {
  if (word === 'ro' || word === 'rw') return { readOnly: word === 'ro' };
  if (NO_MEANING.includes(word)) return {};
  if (word === 'z' || word === 'Z') return selinux(found, word);
  const propagation = parsePropagation(word);
  if (propagation) return propagation;
  throw badValue(
    found,
    `${JSON.stringify(word)} is not an option of a bind`,
    'options: ro, rw, private, slave, shared (r… for recursive), z, Z',
  );
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
function selinux(found: Found<string>, word: string): Partial<BindMount> {
  if (existsSync(SELINUX))
    throw badValue(found, `SELinux relabelling (${word}) is not supported`, 'chcon -Rt container_file_t PATH');
  return {};
}
