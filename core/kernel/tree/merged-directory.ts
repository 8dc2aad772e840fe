import { DT_DIR, DT_UNKNOWN, readDirectory } from '../directory.js';
import { S_IFCHR, S_IFDIR, S_IFMT } from '../fcntl.js';
import type { Gate } from '../gate.js';
import { statusIfThere } from '../statx.js';
import { keyOf, type Name } from './names.js';

const DT_CHR = 2;
const DT_REG = 8;

/** One layer's directory of those that are shown as one. */
export interface Source {
  readonly layer: number;
  readonly fd: number;
}

/** A name that a stack of directories shows. */
export interface MergedEntry {
  readonly name: Name;
  /** Those whose directories of this name are merged, or the one that has the file; topmost first. */
  readonly sources: readonly Source[];
  readonly kind: EntryKind;
}

/** `regular` where the directory says so; `other` may be anything but a directory or a whiteout. */
export type EntryKind = 'directory' | 'regular' | 'other';

/**
 * What a stack of directories (topmost first) shows, by overlay's rules: an upper name hides lower
 * ones, directories of one name are merged, a character device 0:0 hides what is below and itself.
 * Documentation/filesystems/overlayfs.rst
 */
export function mergeEntries(gate: Gate, sources: readonly Source[]): MergedEntry[] {
  const [only] = sources;
  if (only && sources.length === 1) return shownEntries(gate, only);
  const entries = new Map<string, MergedEntry & { readonly sources: Source[] }>();
  /** Names whose stack has ended: files, whiteouts, directories with a file below them. */
  const ended = new Set<string>();
  for (const source of sources) {
    for (const { name, type } of readDirectory(gate, source.fd)) {
      const key = keyOf(name);
      if (ended.has(key)) continue;
      const kind = kindOf(gate, source.fd, name, type);
      const above = entries.get(key);
      if (kind !== 'directory') ended.add(key);
      if (above && kind === 'directory') above.sources.push(source);
      if (!above && kind !== 'whiteout') entries.set(key, { name, sources: [source], kind });
    }
  }
  return [...entries.values()];
}

/** Of a directory that no other hides and that hides none: most of them. */
function shownEntries(gate: Gate, source: Source): MergedEntry[] {
  const shown: MergedEntry[] = [];
  const sources = [source];
  for (const { name, type } of readDirectory(gate, source.fd)) {
    const kind = kindOf(gate, source.fd, name, type);
    if (kind !== 'whiteout') shown.push({ name, sources, kind });
  }
  return shown;
}

function kindOf(gate: Gate, directory: number, name: Name, type: number): EntryKind | 'whiteout' {
  if (type === DT_DIR) return 'directory';
  if (type === DT_REG) return 'regular';
  if (type !== DT_CHR && type !== DT_UNKNOWN) return 'other';
  const status = statusIfThere(gate, directory, name);
  if (!status) return 'whiteout';
  const format = status.mode & S_IFMT;
  if (format === S_IFDIR) return 'directory';
  return format === S_IFCHR && status.rdevMajor === 0 && status.rdevMinor === 0 ? 'whiteout' : 'other';
}
