import type { PluginSource } from '../plugin/source.js';
import type { LaunchState } from './launch-state.js';

/** A plugin with drivers takes part where one of them was chosen; any other always does. */
export function isInvolved(source: PluginSource, state: LaunchState): boolean {
  return !source.drivers || Object.values(state.drivers).some((chosen) => chosen.plugin === source.name);
}
