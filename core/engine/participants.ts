import type { PluginSource } from '../plugin/source.js';
import { blaming } from './blame.js';
import { isInvolved } from './involved.js';
import { type LaunchState, LaunchView } from './launch-state.js';
import type { PluginRegistry } from './registry.js';

/** Asks every plugin that takes part whether the launch can be done as asked. @throws TsboxError */
export function validateAll(registry: PluginRegistry, state: LaunchState): void {
  for (const source of registry.sources) {
    const loaded = registry.definition(source.name);
    if (!loaded?.validate || !isInvolved(source, state)) continue;
    blamingPlugin(registry, source, 'validate', () =>
      loaded.validate?.(new LaunchView(state, source.name, 'resolve'), registry.given.ofPlugin(loaded)),
    );
  }
}

/** Whether anything is done to the child between its clone and its own first op. */
export function hasPostClone(registry: PluginRegistry, state: LaunchState): boolean {
  const { userns, network } = state.drivers;
  return Boolean(userns.driver.attach || network.driver.attach || hasOwnPostClone(registry, state));
}

/** Whether all that is done to the child is done by a network driver that lets it go on meanwhile. */
export function attachesLate(registry: PluginRegistry, state: LaunchState): boolean {
  const { userns, network } = state.drivers;
  if (!network.driver.attach || !network.driver.capabilities.attachesLate || userns.driver.attach) return false;
  return !hasOwnPostClone(registry, state);
}

/** Whether nothing but what is built in takes part. */
export function isBuiltIn(registry: PluginRegistry, state: LaunchState): boolean {
  return !registry.sources.some((source) => source.definition && isInvolved(source, state));
}

/** What the ops of a launch depend on, as all who record say; undefined where one of them does not. */
export function recordKeyOf(registry: PluginRegistry, state: LaunchState): string | undefined {
  const keys: string[] = [];
  for (const { plugin, driver } of Object.values(state.drivers)) {
    if (!('record' in driver)) continue;
    const key = driver.recordKey?.(new LaunchView(state, plugin, 'resolve'));
    if (key === undefined) return undefined;
    keys.push(key);
  }
  for (const source of registry.sources) {
    const definition = registry.definition(source.name);
    if (!definition?.hooks?.childSetup && !definition?.hooks?.preExec) continue;
    if (!isInvolved(source, state)) continue;
    const ask = () => definition.recordKey?.(new LaunchView(state, source.name, 'resolve'));
    const key = source.definition ? blamingPlugin(registry, source, 'recordKey', ask) : ask();
    if (key === undefined) return undefined;
    keys.push(key);
  }
  return JSON.stringify(keys);
}

/** A handler of a plugin's own, rather than that of a driver. */
function hasOwnPostClone(registry: PluginRegistry, state: LaunchState): boolean {
  return registry.sources.some(
    (source) => registry.definition(source.name)?.hooks?.postClone && isInvolved(source, state),
  );
}

function blamingPlugin<Result>(
  { bus }: PluginRegistry,
  { name }: PluginSource,
  deed: string,
  act: () => Result,
): Result {
  return blaming({ plugin: name, deed, patienceMs: bus.patienceMs }, act);
}
