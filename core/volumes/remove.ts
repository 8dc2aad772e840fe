import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';
import { TsboxError } from '../plugin/error.js';
import { withContainerLock as withDirectoryLock } from '../state/container-lock.js';
import { containerDirectory, readRecord } from '../state/record.js';
import { removeTree } from '../state/remove-tree.js';
import { storageError } from '../state/storage-error.js';
import { volumeUsers } from './users.js';
import { isVolumeName, noSuchVolume, volumeDirectory, volumesDirectory } from './volume.js';

/**
 * Removes a volume with all its data; a damaged one too.
 * @throws TsboxError ERR_TSBOX_NO_SUCH_VOLUME; ERR_TSBOX_IN_USE while a container, running or not, has it
 */
export async function removeVolume(gate: Gate, root: string, name: string): Promise<void> {
  if (!isVolumeName(name)) throw noSuchVolume(name);
  const grave = await unlessUsed(gate, root, name, (users) => {
    throw inUse(root, name, users);
  });
  if (grave === undefined) throw noSuchVolume(name);
  await removeTree(grave, gate);
}

/** The same, where a volume that is used, or not there, just stays. @returns whether it is gone now by this call */
export async function removeUnused(
  gate: Gate,
  root: string,
  name: string,
  measure: (directory: string) => Promise<void> = async () => {},
): Promise<boolean> {
  const grave = await unlessUsed(gate, root, name, () => undefined);
  if (grave === undefined) return false;
  await measure(join(grave, 'data'));
  await removeTree(grave, gate);
  return true;
}

/** Gone at once or not at all; what a killed process leaves of it is swept by `gc`. @returns where it is now */
async function unlessUsed(
  gate: Gate,
  root: string,
  name: string,
  onUsed: (users: string[]) => void,
): Promise<string | undefined> {
  const directory = volumeDirectory(root, name);
  try {
    return await withDirectoryLock(gate, directory, () => {
      const users = volumeUsers(root, name);
      if (users.length > 0) {
        onUsed(users);
        return undefined;
      }
      const grave = join(
        volumesDirectory(root),
        `.removed-${process.pid}-${Date.now().toString(36)}-${name.slice(0, 200)}`,
      );
      renameSync(directory, grave);
      return grave;
    });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw storageError(error, directory, `cannot remove ${directory}`) ?? error;
  }
}

function inUse(root: string, name: string, users: readonly string[]): TsboxError {
  const shown = users.map((id) => displayName(root, id));
  return new TsboxError('ERR_TSBOX_IN_USE', {
    what: `cannot remove volume ${name}`,
    why: `container ${shown.join(', ')} has it`,
    fix: `tsbox rm ${shown.join(' ')}`,
  });
}

function displayName(root: string, id: string): string {
  try {
    return readRecord(containerDirectory(root, id))?.name || id.slice(0, 12);
  } catch {
    return id.slice(0, 12);
  }
}
