import { setTimeout as sleep } from 'node:timers/promises';
import { startsAgain } from '../containers/after-end.js';
import { waitContainer } from '../containers/wait.js';
import type { Engine } from '../engine/index.js';
import { readContainer } from '../state/containers.js';
import { readDetails } from '../state/record.js';

const LOOK_MS = 100;

/** How a service ended for good; undefined while it runs, or its policy starts it again. */
export function endOfService({ paths }: Engine, id: string): { readonly exitCode: number } | undefined {
  const container = readContainer(paths.root, id);
  if (!container) return { exitCode: 137 };
  const { state, exitCode = 0, record } = container;
  if (state === 'running' || state === 'paused' || state === 'restarting') return undefined;
  // What comes after its end is on its way, and has noted the end already.
  const again = { ...container, record: { ...record, status: 'running' as const } };
  if (readDetails(container.directory).spec.restart.policy !== 'no' && startsAgain(again)) return undefined;
  return { exitCode };
}

/** Waits until a service has ended for good. @returns its status */
export async function untilOver(engine: Engine, id: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    signal.throwIfAborted();
    const end = endOfService(engine, id);
    if (end) return end.exitCode;
    const { exitCode } = await waitContainer(engine, id, signal);
    if (exitCode === 0 && endOfService(engine, id)) return 0;
    await sleep(LOOK_MS, undefined, { signal });
  }
}
