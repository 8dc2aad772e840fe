import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';
import { containerDirectory } from '../state/record.js';
import { removeUnused } from './remove.js';
import { removeUser } from './users.js';
import { isVolumeName, readVolume } from './volume.js';

/** A container has a volume no more. @param remove an anonymous one goes with its container */
export async function undoUse(
  gate: Gate,
  root: string,
  name: string,
  container: string,
  remove: boolean,
): Promise<void> {
  if (!isVolumeName(name) || !/^[0-9a-f]+$/.test(container)) throw new Error(`${name} is no volume's name`);
  removeUser(root, name, container);
  if (remove) await removeUnused(gate, root, name);
}

/**
 * Takes back a volume that a launch made which failed. Once the container has a record its command ran,
 * and the volume is the user's: docker keeps it then too.
 */
export async function undoMaking(gate: Gate, root: string, name: string, container: string): Promise<void> {
  if (existsSync(join(containerDirectory(root, container), 'container.json'))) return;
  if (makerOf(root, name) === container) await removeUnused(gate, root, name);
}

function makerOf(root: string, name: string): string | undefined {
  try {
    return readVolume(root, name).madeBy;
  } catch (error) {
    if (hasCode(error, 'ERR_TSBOX_NO_SUCH_VOLUME', 'ERR_TSBOX_STATE')) return undefined;
    throw error;
  }
}
