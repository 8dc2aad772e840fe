import type { ExitNotice } from '../kernel/exit-notice.js';
import type { Launchers } from '../program/launchers.js';
import type { HookBus } from './hook-bus.js';
import type { ProgramServices } from './launch-program.js';
import type { LifecycleEmitter } from './lifecycle-events.js';
import type { WorkInHand } from './work-in-hand.js';

/** What all lifecycles of an engine share. */
export interface LifecycleServices extends ProgramServices {
  readonly bus: HookBus;
  readonly notice: ExitNotice;
  readonly events: LifecycleEmitter;
  readonly launchers: Launchers;
  readonly work: WorkInHand;
}
