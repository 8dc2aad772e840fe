import { mkdirSync } from 'node:fs';
import { hasCode } from '../kernel/error.js';
import { storageError } from './storage-error.js';

/**
 * Makes the directory of a container, unless it is there: `<root>/containers/<id>`. 0711: the ids of a user namespace
 * may pass through, and nobody may look around. @throws TsboxError where the store has no room, or is read-only
 */
export function makeContainerDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o711 });
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return;
    if (!hasCode(error, 'ENOENT')) throw storageError(error, path) ?? error;
    mkdirSync(path, { recursive: true, mode: 0o711 });
  }
}

/** One in it. A container that starts again has its directories, unless a plugin is new. */
export function makeOwnDirectory(
  path: string,
  { again, paths: { container } }: { readonly again: boolean; readonly paths: { readonly container: string } },
): void {
  try {
    mkdirSync(path, { mode: 0o755 });
  } catch (error) {
    if (again && hasCode(error, 'EEXIST')) return;
    if (!hasCode(error, 'ENOENT')) throw error;
    // Its making was left until the child is cloned, and it is needed now.
    makeContainerDirectory(container);
    mkdirSync(path, { mode: 0o755 });
  }
}
