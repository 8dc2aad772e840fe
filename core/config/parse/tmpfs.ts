import type { MountSpec } from '../../plugin/spec.js';
import { badValue, type Found } from '../place.js';
import { sizeInBytes } from './size.js';
import { parseTarget } from './target.js';

export type TmpfsMount = Extract<MountSpec, { type: 'tmpfs' }>;

const FLAGS = ['exec', 'noexec', 'suid', 'nosuid', 'dev', 'nodev'];
const HELP = `options: ro, rw, size=64m, mode=1777, ${FLAGS.join(', ')}`;

/** `--tmpfs path[:options]`. */
export function parseTmpfs(found: Found<string>): TmpfsMount {
  const colon = found.value.indexOf(':');
  const path = colon < 0 ? found.value : found.value.slice(0, colon);
  const words = colon < 0 ? [] : found.value.slice(colon + 1).split(',');
  return Object.assign(emptyTmpfs(parseTarget(found, path), words), ...words.map((word) => option(found, word)));
}

function emptyTmpfs(target: string, words: readonly string[]): TmpfsMount {
  return { type: 'tmpfs', target, readOnly: false, options: words.filter((word) => FLAGS.includes(word)) };
}

function option(found: Found<string>, word: string): Partial<TmpfsMount> {
  if (word === 'ro' || word === 'rw') return { readOnly: word === 'ro' };
  if (FLAGS.includes(word)) return {};
  if (word.startsWith('size=')) return { size: tmpfsSize(found, word.slice(5)) };
  if (word.startsWith('mode=')) return { mode: tmpfsMode(found, word.slice(5)) };
  throw badValue(found, `${JSON.stringify(word)} is not an option of a tmpfs`, HELP);
}

/** Bytes. A size of 0 means "no limit" to tmpfs(5), which nobody means. */
export function tmpfsSize(found: Found<string>, text: string): number {
  const bytes = sizeInBytes(text);
  if (!bytes) throw badValue(found, `${JSON.stringify(text)} is not a size`);
  return bytes;
}

export function tmpfsMode(found: Found<string>, text: string): number {
  if (!/^[0-7]{3,5}$/.test(text) || Number.parseInt(text, 8) > 0o7777) {
    throw badValue(found, `${JSON.stringify(text)} is not an octal mode`);
  }
  return Number.parseInt(text, 8);
}
