import { join } from 'node:path';
import type { StatePaths } from '../plugin/tokens.js';

/**
 * Where state is kept: /var/lib/tsbox and /run/tsbox for root, the XDG base directories for a user.
 * Given paths win.
 */
export function statePaths(given: Partial<StatePaths>, uid: number, env: NodeJS.ProcessEnv): StatePaths {
  if (uid === 0) return { root: given.root ?? '/var/lib/tsbox', runroot: given.runroot ?? '/run/tsbox' };
  const data = env.XDG_DATA_HOME || join(env.HOME || '/nonexistent', '.local', 'share');
  const runtime = env.XDG_RUNTIME_DIR ? join(env.XDG_RUNTIME_DIR, 'tsbox') : `/tmp/tsbox-${uid}`;
  return { root: given.root ?? join(data, 'tsbox'), runroot: given.runroot ?? runtime };
}
