import { execFileSync } from 'node:child_process';
import { watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { compareSnapshots, describeDifference, type Snapshot, takeSnapshot } from './snapshot.js';

/** Network namespaces and keyrings are freed by the kernel some time after their last user; long, on a busy machine. */
const SETTLE_MS = 15_000;
const PAUSE_MS = 100;

/** What differs from a snapshot, in words; undefined once the host is as it was. */
export async function settledDifference(reference: Snapshot): Promise<string | undefined> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const difference = compareSnapshots(reference, await takeSnapshot());
    if (Object.keys(difference).length === 0) return undefined;
    if (performance.now() > deadline) return describeDifference(difference);
    await sleep(PAUSE_MS);
  }
}

/** Node opens some descriptors and starts its pool's thread at first use, and keeps them. */
export async function warmUp(): Promise<void> {
  const ignore = () => {};
  process.on('SIGCHLD', ignore);
  execFileSync('true');
  await stat('/');
  watch('/').close(); // libuv keeps its one inotify instance
  await takeSnapshot();
  process.off('SIGCHLD', ignore);
}
