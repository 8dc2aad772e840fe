import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import { storageError } from '../state/storage-error.js';
import { entriesOf, volumeDirectory, volumeNames } from './volume.js';

/** Ids of the containers, running or not, that have a volume. */
export function volumeUsers(root: string, name: string): string[] {
  return entriesOf(usersDirectory(root, name));
}

/** Under the volume's lock. */
export function addUser(root: string, name: string, container: string): void {
  const path = join(usersDirectory(root, name), container);
  try {
    writeFileSync(path, '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw storageError(error, path) ?? error;
  }
}

export function removeUser(root: string, name: string, container: string): void {
  rmSync(join(usersDirectory(root, name), container), { force: true });
}

/** Of a container that is removed without knowing which volumes it had. */
export function dropUser(root: string, container: string): void {
  for (const name of volumeNames(root)) removeUser(root, name, container);
}

function usersDirectory(root: string, name: string): string {
  return join(volumeDirectory(root, name), 'users');
}
