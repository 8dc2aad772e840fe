import { closeSync } from 'node:fs';
import type { SharedChild } from '../program/child-program.js';
import type { LaunchState } from './launch-state.js';
import { closeLog } from './log-streams.js';

/** Descriptors for the waiting child, in the order in which it takes them, which need not be that of the hooks. */
export function handOvers(shared: SharedChild, state: LaunchState): number[][] {
  return (shared.handOvers ?? []).map((names) =>
    names.map((name) => {
      const fd = state.handedOver.get(name);
      if (fd === undefined) throw new Error(`nothing was handed over as ${JSON.stringify(name)}`);
      return fd;
    }),
  );
}

/** They were sent, or the launch failed. */
export function closeHandedOver(state: LaunchState): void {
  for (const fd of state.handedOver.values()) closeSync(fd);
  state.handedOver.clear();
  closeLog(state);
}
