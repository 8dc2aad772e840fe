import { ChangeNotice } from '../kernel/change-notice.js';
import { type LogEntry, logTime } from './entry.js';
import type { ReadLogOptions } from './filter.js';
import { Follower } from './follower.js';

export interface FollowLogOptions extends ReadLogOptions {
  /** Resolves when nothing more will be written: what is there is still read. */
  readonly ended: Promise<unknown>;
  /** Stops at once. */
  readonly signal?: AbortSignal | undefined;
}

/** inotify tells much earlier; this is for hosts that have no instance of it left. */
const POLL_MS = 500;

/**
 * What is in the log of a container, and what is written to it until it has ended, is aborted, or `until`
 * has come. Rotation loses nothing that is still there.
 */
export async function* followLog(directory: string, options: FollowLogOptions): AsyncGenerator<LogEntry> {
  const { until, signal } = options;
  const last = until === undefined ? undefined : logTime(until);
  const notice = new ChangeNotice(directory, POLL_MS);
  const end = { came: false };
  const wake = (): void => notice.wake();
  const follower = new Follower(directory, options);
  signal?.addEventListener('abort', wake);
  options.ended
    .catch(() => {})
    .finally(() => {
      end.came = true;
      notice.wake();
    });
  try {
    while (!signal?.aborted) {
      // Asked before reading: what was written before the end is then read.
      const { came } = end;
      const past = last !== undefined && logTime(BigInt(Date.now()) * 1_000_000n) > last;
      for await (const entries of follower.read()) {
        for (const entry of entries) {
          if (signal?.aborted) return;
          yield entry;
        }
      }
      if (came || past) return;
      await notice.next();
    }
  } finally {
    signal?.removeEventListener('abort', wake);
    notice.close();
    follower.close();
  }
}
