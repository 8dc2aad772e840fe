import { closeSync, fstatSync } from 'node:fs';
import { TsboxError } from '../plugin/error.js';
import type { LogStreams } from '../plugin/log-driver.js';
import { type LaunchState, LaunchView } from './launch-state.js';

/** Asks the log driver of a container that a monitor will watch, if it has one, where its output goes. */
export async function openLog(state: LaunchState): Promise<void> {
  const { log } = state.drivers;
  if (!log) return;
  const streams = await log.driver.open(new LaunchView(state, log.plugin, 'preClone'));
  for (const name of ['stdout', 'stderr'] as const) {
    if (isOpen((streams as LogStreams | undefined)?.[name])) continue;
    throw new TsboxError('ERR_TSBOX_PLUGIN', {
      what: `plugin "${log.plugin}" failed in open of its log driver "${log.name}"`,
      why: `its ${name} is no descriptor that is open, and not one of 0 to 2`,
      fix: 'open returns { stdout, stderr }: numbers, as fs.openSync gives them',
    });
  }
  state.logStreams = streams;
}

/** Closes ours: the container has its own, or there will be none. */
export function closeLog(state: LaunchState): void {
  const { logStreams } = state;
  if (!logStreams) return;
  state.logStreams = undefined;
  for (const fd of new Set([logStreams.stdout, logStreams.stderr])) closeSync(fd);
}

function isOpen(fd: unknown): boolean {
  if (!Number.isInteger(fd) || (fd as number) < 3) return false;
  try {
    fstatSync(fd as number);
    return true;
  } catch {
    return false;
  }
}
