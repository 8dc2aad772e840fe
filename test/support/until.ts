import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 5;

/** Waits for something that no event tells about. @throws Error when it does not come in time */
export async function until(condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${condition}`);
    await sleep(PAUSE_MS);
  }
}
