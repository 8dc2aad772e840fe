import { existsSync } from 'node:fs';
import { hasCode } from '../kernel/error.js';
import { withContainerLock as withDirectoryLock } from '../state/container-lock.js';
import { storageError } from '../state/storage-error.js';
import { makeVolume } from './create.js';
import { type FillRequest, fillVolume, isEmpty } from './fill.js';
import { addUser, volumeUsers } from './users.js';
import { readVolume, volumeDirectory } from './volume.js';

export interface VolumeUse {
  readonly name: string;
  /** Id of the container. */
  readonly container: string;
  /** Made for this container, without a name that anybody chose. */
  readonly anonymous: boolean;
  /** How a new volume is filled; without it, it stays empty. */
  readonly fill?: FillRequest;
}

/**
 * Gives a container a volume, which is made where there is none. One that is empty, and that no other
 * container has, is filled with what the image has there; of several containers that start at once one
 * does so, and the others wait. @returns what could not be kept of the image, in words
 */
export async function useVolume(
  root: string,
  { name, container, anonymous, fill }: VolumeUse,
  gate: FillRequest['gate'],
): Promise<string[]> {
  for (;;) {
    makeVolume(root, { name, labels: {}, madeBy: container, ...(anonymous && { anonymous }) });
    try {
      return await withDirectoryLock(gate, volumeDirectory(root, name), async () => {
        readVolume(root, name);
        addUser(root, name, container);
        const alone = volumeUsers(root, name).every((user) => user === container);
        return fill && alone && isEmpty(root, name) ? await fillVolume(root, name, fill) : [];
      });
    } catch (error) {
      // Somebody removed it between the two: it is made again.
      if (!hasCode(error, 'ENOENT')) throw error;
      if (existsSync(volumeDirectory(root, name))) throw storageError(error, volumeDirectory(root, name)) ?? error;
    }
  }
}
