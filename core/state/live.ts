import { join } from 'node:path';

/**
 * `<runroot>/live/<id>`: the sockets of a container that a monitor watches. `alive` is closed when the run
 * has ended and that is recorded; `input` takes what is typed.
 */
export function liveDirectory(runroot: string, id: string): string {
  return join(runroot, 'live', id);
}
