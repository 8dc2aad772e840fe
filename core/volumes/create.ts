import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';
import { replaceFile, syncDirectory } from '../state/replace-file.js';
import { storageError } from '../state/storage-error.js';
import {
  checkVolumeName,
  generateVolumeName,
  readVolume,
  type VolumeRecord,
  volumeDirectory,
  volumesDirectory,
} from './volume.js';

export interface NewVolume {
  /** Default: 64 hex digits, of an anonymous volume. */
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Makes a volume; one that is there is taken as it is. @returns its name @throws TsboxError */
export function createVolume(gate: Gate, root: string, { name, labels = {} }: NewVolume): string {
  if (name === undefined) {
    const generated = generateVolumeName(gate);
    makeVolume(root, { name: generated, labels, anonymous: true });
    return generated;
  }
  checkVolumeName(name);
  if (!makeVolume(root, { name, labels })) readVolume(root, name);
  return name;
}

/**
 * Makes a volume unless there is one: beside its place, then renamed, so that what has its name is whole.
 * @returns whether it was made
 */
export function makeVolume(root: string, wanted: Omit<VolumeRecord, 'version' | 'created'>): boolean {
  const place = volumeDirectory(root, wanted.name);
  if (existsSync(place)) return false;
  const temporary = join(volumesDirectory(root), `.making-${process.pid}-${wanted.name.slice(0, 200)}`);
  try {
    mkdirSync(volumesDirectory(root), { recursive: true, mode: 0o700 });
    mkdirSync(temporary, { mode: 0o700 });
    for (const part of ['data', 'users']) mkdirSync(join(temporary, part), { mode: 0o700 });
    // Whatever the umask: users of the container's own may be any.
    chmodSync(join(temporary, 'data'), 0o755);
    const record: VolumeRecord = { version: 1, ...wanted, created: new Date().toISOString() };
    replaceFile(temporary, 'volume.json', record, true);
    // Fails where somebody else was faster: a volume is never empty.
    renameSync(temporary, place);
    syncDirectory(volumesDirectory(root));
    return true;
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (hasCode(error, 'ENOTEMPTY', 'EEXIST') && existsSync(place)) return false;
    throw storageError(error, place) ?? error;
  }
}
