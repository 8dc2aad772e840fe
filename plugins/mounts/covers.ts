import { type ChildProgram, O_CLOEXEC, O_PATH, oNofollow, type Slot } from '../../core/plugin/index.js';
import { expectCharacterDevice } from './device-check.js';

/**
 * What paths of /proc and /sys are covered with. Both lie in the container's /dev, because a bind can
 * only be made of what is in the same mount namespace, and the host's tree is gone by then.
 */
export interface Covers {
  /** The null device, checked. */
  readonly file: Slot;
  /** An empty directory: the one below /dev/shm, which nobody can reach. */
  readonly directory: Slot;
}

/**
 * Opens them while /dev is attached nowhere. They are closed with all others before the exec.
 * @param boundNull in a user namespace the host's null device, checked already
 */
export function openCovers(child: ChildProgram, dev: Slot, boundNull: Slot | undefined): Covers {
  const flags = O_PATH | O_CLOEXEC | oNofollow(child.arch);
  const open = (name: string) => child.outside.callTo(`${name}:cover`, 'openat', [dev, name, flags, 0]);
  const directory = open('shm');
  if (boundNull) return { file: boundNull, directory };
  const file = open('null');
  expectCharacterDevice(child.outside, file, { name: 'null', major: 1, minor: 3 });
  return { file, directory };
}
