import type { Engine } from '../engine/index.js';
import { requireContainer } from '../state/containers.js';
import { readDetails } from '../state/record.js';
import { readRunState, setTakenCareOf } from '../state/run-state.js';
import { settleQuietly } from './wait.js';

/** {@link attendRun} */
export interface Attendance {
  /** The run goes on without us: its end is the monitor's again. */
  leave(): Promise<void>;
}

/**
 * Whoever waits for the end of a run ({@link waitContainer}) takes back himself what it leaves, so that the
 * host is clean when he has the status; its monitor just leaves. To be called before the monitor may look
 * who does. Where a policy may start the container again, that stays with the monitor.
 */
export function attendRun(engine: Engine, reference: string): Attendance | undefined {
  const { directory, record } = requireContainer(engine.paths.root, reference);
  if (readDetails(directory).spec.restart.policy !== 'no') return undefined;
  setTakenCareOf(directory, true);
  return {
    leave: async () => {
      setTakenCareOf(directory, false);
      // It may have looked before.
      if (readRunState(directory)?.phase === 'ended') await settleQuietly(engine, record.id);
    },
  };
}
