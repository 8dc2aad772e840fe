import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Gate } from '../kernel/gate.js';
import { containerDirectory } from '../state/record.js';
import { removeTree } from '../state/remove-tree.js';
import { removeUser, volumeUsers } from './users.js';
import { entriesOf, volumeDirectory, volumeNames, volumesDirectory } from './volume.js';

/** Removes what killed processes left half made or half removed, and marks of containers that are gone. */
export async function sweepVolumes(gate: Gate, root: string): Promise<void> {
  const volumes = volumesDirectory(root);
  for (const entry of entriesOf(volumes)) {
    const [, pid] = /^\.(?:making|removed)-(\d+)-/.exec(entry) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await removeTree(join(volumes, entry), gate);
  }
  for (const name of volumeNames(root)) {
    for (const id of volumeUsers(root, name)) {
      // The directory of a container is made before its marks, and goes after them.
      if (!existsSync(containerDirectory(root, id))) removeUser(root, name, id);
    }
    const users = volumeUsers(root, name);
    if (users.length === 0) await removeTree(join(volumeDirectory(root, name), '.filling'), gate);
  }
}
