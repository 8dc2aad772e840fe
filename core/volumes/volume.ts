import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';
import { randomBytes } from '../kernel/random.js';
import { TsboxError } from '../plugin/error.js';
import { isVolumeName } from '../plugin/volume-name.js';
import { readStateFile } from '../state/record.js';
import { storageError } from '../state/storage-error.js';

export { isVolumeName } from '../plugin/volume-name.js';

/**
 * What is kept of a volume, in `<root>/volumes/<name>`:
 *
 * | place | what |
 * |---|---|
 * | `volume.json` | {@link VolumeRecord} |
 * | `data/` | what containers see; theirs to write, so nothing in it is ever opened by path |
 * | `users/<id>` | a container, running or not, that has it |
 * | `.filling/` | what becomes `data` of a new volume: a copy of what the image has there |
 *
 * Everything that changes a volume holds a flock(2) on its directory. Names that begin with a dot are
 * volumes that are being made (`.making-<pid>-…`) or removed (`.removed-…`). The directory is closed to
 * other users: set-user-id programs in volumes must not be theirs to run.
 */
export interface VolumeRecord {
  readonly version: 1;
  readonly name: string;
  /** ISO 8601. */
  readonly created: string;
  readonly labels: Readonly<Record<string, string>>;
  /** It was made for one container, and has no name that anybody chose. */
  readonly anonymous?: boolean;
  /** The container whose launch made it: a launch that fails takes it back. */
  readonly madeBy?: string;
}

export function volumesDirectory(root: string): string {
  return join(root, 'volumes');
}

export function volumeDirectory(root: string, name: string): string {
  return join(root, 'volumes', name);
}

/** What is mounted. */
export function volumeData(root: string, name: string): string {
  return join(volumeDirectory(root, name), 'data');
}

/** @throws TsboxError */
export function checkVolumeName(name: string): void {
  if (isVolumeName(name)) return;
  throw new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot name a volume ${JSON.stringify(name)}`,
    why: 'only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed, at least two characters',
    fix: 'tsbox volume create data',
  });
}

/** 64 hex digits. */
export function generateVolumeName(gate: Gate): string {
  return randomBytes(gate, 32).toString('hex');
}

/** Names of all volumes, sorted. */
export function volumeNames(root: string): string[] {
  return entriesOf(volumesDirectory(root)).filter(isVolumeName).sort();
}

/** @throws TsboxError ERR_TSBOX_NO_SUCH_VOLUME; ERR_TSBOX_STATE naming the file when it is damaged */
export function readVolume(root: string, name: string): VolumeRecord {
  const path = join(volumeDirectory(root, name), 'volume.json');
  const record = isVolumeName(name) ? readStateFile<VolumeRecord>(path, damagedFix(name)) : undefined;
  if (!record) throw noSuchVolume(name);
  if (record.name === name && typeof record.created === 'string' && typeof record.labels === 'object') return record;
  throw new TsboxError('ERR_TSBOX_STATE', {
    what: `cannot read ${path}`,
    why: 'something is missing in it',
    fix: damagedFix(name),
  });
}

export function noSuchVolume(name: string): TsboxError {
  return new TsboxError('ERR_TSBOX_NO_SUCH_VOLUME', {
    what: `cannot find volume ${JSON.stringify(name)}`,
    why: 'there is no volume of that name',
    fix: 'tsbox volume ls',
  });
}

/** Names in a directory; none where there is no such directory. */
export function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw storageError(error, directory, `cannot read ${directory}`) ?? error;
  }
}

function damagedFix(name: string): string {
  return `its data is whole: copy it, then tsbox volume rm -f ${name} and make it again`;
}
