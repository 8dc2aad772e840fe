import type { PluginDefinition } from './plugin.js';
import type { DriverKind } from './spec.js';

/** A plugin that is known but perhaps not loaded: only what a launch uses is. */
export interface PluginSource {
  readonly name: string;
  /** Names of its drivers by kind; absent for a plugin that only has hooks, which is always loaded. */
  readonly drivers?: { readonly [Kind in DriverKind]?: readonly string[] };
  /** Where it comes from, for the journal; absent for a built-in one. */
  readonly module?: string;
  /** Where it is there already: it is not one of the built-in ones. */
  readonly definition?: PluginDefinition;
  load(): Promise<PluginDefinition>;
}

/** A plugin that is there already: out of a config file, or given to the library. */
export function sourceOf(definition: PluginDefinition, module?: string): PluginSource {
  const drivers = Object.entries(definition.drivers ?? {}).map(([kind, made]) => [kind, Object.keys(made)]);
  return {
    name: definition.name,
    ...(module !== undefined && { module }),
    ...(drivers.length > 0 && { drivers: Object.fromEntries(drivers) }),
    definition,
    load: async () => definition,
  };
}
