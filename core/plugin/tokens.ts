import type { InjectionToken } from 'tsyringe';
import type { Gate } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';

/** What a driver's factory can ask the container for. */
export const GATE: InjectionToken<Gate> = Symbol.for('tsbox.gate');
export const HOST: InjectionToken<Host> = Symbol.for('tsbox.host');
/** Where state is kept: {@link StatePaths}. */
export const STATE_PATHS: InjectionToken<StatePaths> = Symbol.for('tsbox.state-paths');

export interface StatePaths {
  readonly root: string;
  readonly runroot: string;
}
