import type { MonitorConfig } from '../program/monitor.js';
import type { LaunchState } from './launch-state.js';

/** What happens when a watched container has ended. */
export interface AfterEnd {
  /** How to start tsbox again: absolute path first; undefined where the library was bundled into something else. */
  readonly command: readonly string[] | undefined;
  /** How often a policy started it so far. */
  readonly restarts: number;
  /** How many of them came in a row, each after a short run. */
  readonly quickRestarts: number;
}

/** The hidden command line command that a monitor becomes. */
export const AFTER_END_COMMAND = 'after-end';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 60_000;
/** A run that was so long was no failing start. */
export const STEADY_MS = 10_000;

/**
 * What the monitor does afterwards. It starts tsbox only where somebody asked for something that needs it:
 * a restart policy, `--rm`, or a network, whose addresses and ports must be free at once. What is left else
 * (empty cgroups, a journal) the next tsbox takes back.
 */
export function afterEnd(
  state: LaunchState,
  { command, quickRestarts }: AfterEnd,
): Omit<NonNullable<MonitorConfig['after']>, 'stderr'> | undefined {
  const { spec, drivers, id, paths } = state;
  const { policy } = spec.restart;
  const cleanup = spec.remove || drivers.network.driver.attach !== undefined;
  if (!command || (policy === 'no' && !cleanup)) return undefined;
  const delay = Math.min(FIRST_DELAY_MS * 2 ** quickRestarts, LONGEST_DELAY_MS);
  const always = policy === 'always' || policy === 'unless-stopped';
  const onSuccess = always ? delay : cleanup ? 0 : undefined;
  const onFailure = policy === 'no' ? 0 : delay;
  return {
    argv: [...command, AFTER_END_COMMAND, '--root', paths.root, '--runroot', paths.runroot, id],
    // Nothing of the image decides what runs on the host; the configuration is the caller's.
    env: [`PATH=${PATH}`, `HOME=${process.env.HOME ?? '/'}`, 'LANG=C.UTF-8'],
    ...(onSuccess !== undefined && { successDelayMs: onSuccess }),
    failureDelayMs: onFailure,
    steadyMs: STEADY_MS,
    steadyDelayMs: policy === 'no' ? 0 : FIRST_DELAY_MS,
  };
}
