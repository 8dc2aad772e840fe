import { realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { TsboxError } from '../plugin/error.js';

/** Who may have written a file: root and the caller. */
export interface Caller {
  readonly uid: number;
  readonly gid: number;
}

const GROUP_WRITE = 0o020;
const OTHER_WRITE = 0o002;
const STICKY = 0o1000;

/**
 * Refuses a file that somebody else wrote or can write: a config file found in the working directory
 * is code (compare git's safe.directory, CVE-2022-24765). The directory counts too, because who
 * can write there can put another file in its place.
 * @param what for the message: `the config file`
 * @returns the real path, which is the one to read
 */
export function trustedFile(path: string, what: string, caller: Caller): string {
  const real = realpathSync(path);
  const file = statSync(real);
  const directory = dirname(real);
  const why = distrust(file, 'it', caller) ?? distrust(statSync(directory), `its directory ${directory}`, caller);
  if (why === undefined) return real;
  throw new TsboxError('ERR_TSBOX_CONFIG', {
    what: `refused ${what} ${path}`,
    why: `${why}, and its content would run with your rights`,
    fix: `look at it, then: chown ${caller.uid} ${real} ${directory} && chmod go-w ${real} ${directory}`,
  });
}

function distrust(stats: Stats, name: string, caller: Caller): string | undefined {
  if (stats.uid !== 0 && stats.uid !== caller.uid) return `${name} is owned by user ${stats.uid}`;
  if (stats.isDirectory() && stats.mode & STICKY) return undefined;
  if (stats.mode & OTHER_WRITE) return `${name} is writable by everybody`;
  const ownGroup = stats.gid === 0 || stats.gid === caller.gid;
  return stats.mode & GROUP_WRITE && !ownGroup ? `${name} is writable by group ${stats.gid}` : undefined;
}
