import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { TsboxError } from '../plugin/error.js';
import type { StatePaths } from '../plugin/tokens.js';

const WRITABLE_BY_OTHERS = 0o022;

/**
 * Where state is kept: /var/lib/tsbox and /run/tsbox for root, the XDG base directories for a user.
 * Given paths win.
 * @throws TsboxError where the directory for a user without XDG_RUNTIME_DIR is somebody else's
 */
export function statePaths(given: Partial<StatePaths>, uid: number, env: NodeJS.ProcessEnv): StatePaths {
  if (uid === 0) return { root: given.root ?? '/var/lib/tsbox', runroot: given.runroot ?? '/run/tsbox' };
  const data = env.XDG_DATA_HOME || join(env.HOME || '/nonexistent', '.local', 'share');
  return { root: given.root ?? join(data, 'tsbox'), runroot: given.runroot ?? userRunroot(uid, env) };
}

/** /tmp is everybody's: whoever made the directory there first could have us undo what we never did. */
function userRunroot(uid: number, env: NodeJS.ProcessEnv): string {
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, 'tsbox');
  const path = `/tmp/tsbox-${uid}`;
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found || (found.isDirectory() && found.uid === uid && (found.mode & WRITABLE_BY_OTHERS) === 0)) return path;
  throw new TsboxError('ERR_TSBOX_STATE', {
    what: `cannot use ${path}`,
    why: 'it is not a directory of yours that only you can write to',
    fix: ['set XDG_RUNTIME_DIR, or --runroot, to a directory of your own', `ls -ld ${path} says whose it is`],
  });
}
