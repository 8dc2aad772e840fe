import { execFileSync } from 'node:child_process';
import { missing } from './requirements.js';
import { REPOSITORY } from './run-cli.js';

/**
 * Builds what the tests run: a result must never be that of an older dist/.
 * And lets ip(8) make /run/netns a mount, which it does at its first use and never takes back.
 */
export function setup(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: REPOSITORY, stdio: ['ignore', 'ignore', 'inherit'] });
  if (missing(['root', 'ip']).length > 0) return;
  for (const action of ['add', 'delete']) execFileSync('ip', ['netns', action, `tsbox-setup-${process.pid}`]);
}
