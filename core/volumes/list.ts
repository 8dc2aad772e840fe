import { TsboxError } from '../plugin/error.js';
import { volumeUsers } from './users.js';
import { readVolume, volumeData, volumeNames } from './volume.js';

/** A volume as lists and `inspect` show it. */
export interface VolumeInfo {
  readonly name: string;
  /** ISO 8601. */
  readonly created: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where its data is on the host. */
  readonly mountpoint: string;
  readonly anonymous: boolean;
  /** Ids of the containers that have it, running or not. */
  readonly users: readonly string[];
}

/** @throws TsboxError when it is not there, or damaged */
export function inspectVolume(root: string, name: string): VolumeInfo {
  const { created, labels, anonymous = false } = readVolume(root, name);
  return { name, created, labels, anonymous, mountpoint: volumeData(root, name), users: volumeUsers(root, name) };
}

/**
 * All volumes, by name.
 * @param onError is told of each that cannot be read, which is left out
 */
export function listVolumes(root: string, onError: (error: Error, name: string) => void): VolumeInfo[] {
  return volumeNames(root).flatMap((name) => {
    try {
      return [inspectVolume(root, name)];
    } catch (error) {
      if (!(error instanceof TsboxError)) throw error;
      if (error.code !== 'ERR_TSBOX_NO_SUCH_VOLUME') onError(error, name);
      return [];
    }
  });
}
