import { setTimeout as sleep } from 'node:timers/promises';
import { logsOf } from '../containers/logs.js';
import type { Engine } from '../engine/index.js';
import type { Readiness } from '../environments/types.js';
import { hasCode } from '../kernel/error.js';
import { readContainer } from '../state/containers.js';
import { isListening } from './listening.js';

/** A service that is slow to check is looked at sooner than its interval says; how long it may take stays. */
const LONGEST_PAUSE_MS = 1_000;

/** `ended`: by itself, and nothing starts it again. */
export type ReadinessOutcome = 'ready' | 'ended' | 'never';

/** One look whether it answers. @returns what it said when it does not */
type Check = (signal: AbortSignal) => Promise<true | string>;

export interface ReadinessReport {
  readonly outcome: ReadinessOutcome;
  /** What the last look found. */
  readonly reason: string;
}

/**
 * Waits until a container answers: as often as `retries` times `interval` allow, not counting the start
 * period. @throws when the signal is aborted
 */
export async function untilReady(
  engine: Engine,
  id: string,
  readiness: Readiness,
  signal: AbortSignal,
): Promise<ReadinessReport> {
  const { intervalMs, retries, startPeriodMs = 0 } = readiness;
  const pause = Math.max(1, Math.min(intervalMs, LONGEST_PAUSE_MS));
  const attempts = Math.max(1, Math.ceil((startPeriodMs + retries * intervalMs) / pause));
  const over = new AbortController();
  const check = checkOf(engine, id, readiness, over.signal);
  let reason = '';
  try {
    for (let attempt = 0; attempt <= attempts; attempt++) {
      signal.throwIfAborted();
      const { state } = readContainer(engine.paths.root, id) ?? { state: 'exited' };
      if (state === 'running') {
        const answer = await check(signal);
        if (answer === true) return { outcome: 'ready', reason };
        reason = answer;
      } else if (state !== 'restarting' && state !== 'paused') return { outcome: 'ended', reason };
      await sleep(pause, undefined, { signal });
    }
    return { outcome: 'never', reason };
  } finally {
    over.abort();
  }
}

function checkOf(engine: Engine, id: string, { command, port, log, timeoutMs }: Readiness, over: AbortSignal): Check {
  if (command) return (signal) => commandSucceeds(engine, id, command, timeoutMs, signal);
  if (port !== undefined) return async () => portAnswers(engine, id, port);
  if (log !== undefined) return logCheck(engine, id, log, over);
  return async () => true;
}

async function commandSucceeds(
  engine: Engine,
  id: string,
  command: readonly string[],
  timeout: number,
  signal: AbortSignal,
): Promise<true | string> {
  const shown = command.join(' ');
  try {
    const running = await engine.exec(id, { command, stdio: 'ignore', timeout, signal });
    const { status, timedOut } = await running.wait();
    if (status === 0) return true;
    return timedOut ? `"${shown}" took longer than ${timeout} ms` : `"${shown}" ended with status ${status}`;
  } catch (error) {
    signal.throwIfAborted();
    // It ended meanwhile, or its command is not there yet.
    return (error as Error).message;
  }
}

function portAnswers(engine: Engine, id: string, port: number): true | string {
  const pid = readContainer(engine.paths.root, id)?.pid;
  return (pid !== undefined && isListening(pid, port)) || `nothing listens on port ${port}`;
}

/** The log is read once, as it is written, from the last start on. */
function logCheck(engine: Engine, id: string, text: string, over: AbortSignal): Check {
  const started = readContainer(engine.paths.root, id)?.record.started;
  const entries = logsOf(engine.paths, id, { follow: true, signal: over, ...(started && { since: started }) });
  let found = false;
  const reading = (async () => {
    let line = '';
    for await (const entry of entries) {
      line += entry.text.toString('utf8');
      if (line.includes(text)) found = true;
      if (found) return;
      if (!entry.partial) line = '';
    }
  })();
  let failure: Error | undefined;
  reading.catch((error: Error) => {
    if (!hasCode(error, 'ABORT_ERR')) failure = error;
  });
  return async () => {
    if (failure) throw failure;
    return found || `its log has no ${JSON.stringify(text)}`;
  };
}
