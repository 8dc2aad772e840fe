import type { PluginDefinition } from './plugin.js';
import type { DriverKind } from './spec.js';

/** A plugin that is known but not loaded: only what a launch uses is. */
export interface PluginSource {
  readonly name: string;
  /** Names of its drivers by kind; absent for a plugin that only has hooks, which is always loaded. */
  readonly drivers?: { readonly [Kind in DriverKind]?: readonly string[] };
  /** Where it comes from, for the journal; absent for a built-in one. */
  readonly module?: string;
  load(): Promise<PluginDefinition>;
}
