// Set up before every file of the host project: the host and this process must end as they began.
import { execFileSync } from 'node:child_process';
import { watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { compareSnapshots, describeDifference, type Snapshot, takeSnapshot } from './leaks/snapshot.js';

/** Network namespaces and keyrings are freed by the kernel some time after their last user. */
const SETTLE_MS = 5_000;
const PAUSE_MS = 100;

await warmUp();
const before = await takeSnapshot();

afterAll(async () => {
  const difference = await settledDifference(before);
  if (difference) throw new Error(`the host is not as it was before this file\n${difference}`);
});

async function settledDifference(reference: Snapshot): Promise<string | undefined> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const difference = compareSnapshots(reference, await takeSnapshot());
    if (Object.keys(difference).length === 0) return undefined;
    if (performance.now() > deadline) return describeDifference(difference);
    await sleep(PAUSE_MS);
  }
}

/** Node opens some descriptors and starts its pool's thread at first use, and keeps them. */
async function warmUp(): Promise<void> {
  const ignore = () => {};
  process.on('SIGCHLD', ignore);
  execFileSync('true');
  await stat('/');
  watch('/').close(); // libuv keeps its one inotify instance
  await takeSnapshot();
  process.off('SIGCHLD', ignore);
}
