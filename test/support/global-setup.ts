import { execFileSync } from 'node:child_process';
import { compareSnapshots, describeDifference, type Snapshot, takeSnapshot } from './leaks/snapshot.js';
import { missing } from './requirements.js';
import { REPOSITORY } from './run-cli.js';

let setUp = 0;
let before: Snapshot | undefined;

/**
 * Builds what the tests run: a result must never be that of an older dist/.
 * And lets ip(8) make /run/netns a mount, which it does at its first use and never takes back.
 */
export async function setup(): Promise<void> {
  if (setUp++ > 0) return;
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: REPOSITORY, stdio: ['ignore', 'ignore', 'inherit'] });
  if (missing(['root', 'ip']).length > 0) return;
  for (const action of ['add', 'delete']) execFileSync('ip', ['netns', action, `tsbox-setup-${process.pid}`]);
  // What no namespace holds back, such as a loop device, a file on a host of its own can leave on this one.
  if (process.env.CI) before = await ofTheMachine();
}

export async function teardown(): Promise<void> {
  if (--setUp > 0 || !before) return;
  const difference = compareSnapshots(before, await ofTheMachine());
  if (Object.keys(difference).length === 0) return;
  throw new Error(`the machine is not as it was before the tests\n${describeDifference(difference)}`);
}

async function ofTheMachine(): Promise<Snapshot> {
  const { keys, processes, namespaces, 'temporary files': files, ...snapshot } = await takeSnapshot();
  return Object.fromEntries(Object.entries(snapshot).filter(([kind]) => !kind.startsWith('own ')));
}
