import type { Launch } from '../plugin/launch.js';
import type { PluginDefinition } from '../plugin/plugin.js';
import type { DriverKind } from '../plugin/spec.js';
import type { ChildProgram } from '../program/child-program.js';
import { LaunchView } from './launch-state.js';

/**
 * A driver takes part in the lifecycle at the place of its plugin. These handlers are registered for
 * every plugin that has drivers, and call those of them that were chosen for the launch at hand.
 */
export function driverHooks(plugin: string): NonNullable<PluginDefinition['hooks']> {
  return {
    // The id maps must be known when storage makes its directories, so userns comes here as well.
    prepareRootfs: ({ launch }) => each(launch, plugin, ['userns', 'storage'], 'prepare'),
    preClone: ({ launch }) => each(launch, plugin, ['network', 'resources'], 'prepare'),
    childSetup: ({ launch, child }) => record(launch, plugin, child),
    postClone: ({ launch }) => each(launch, plugin, ['userns', 'network'], 'attach'),
  };
}

async function each(launch: Launch, plugin: string, kinds: DriverKind[], method: 'prepare' | 'attach'): Promise<void> {
  for (const driver of chosen(launch, plugin, kinds)) {
    if (method in driver) await (driver as Record<typeof method, (launch: Launch) => Promise<void>>)[method](launch);
  }
}

function record(launch: Launch, plugin: string, child: ChildProgram): void {
  for (const driver of chosen(launch, plugin, ['userns', 'storage', 'resources', 'network'])) {
    if ('record' in driver) driver.record?.(child, launch);
  }
}

function chosen(launch: Launch, plugin: string, kinds: DriverKind[]) {
  if (!(launch instanceof LaunchView)) throw new TypeError('not a launch of this engine');
  const { drivers } = launch.state;
  return kinds.map((kind) => drivers[kind]).filter((entry) => entry.plugin === plugin).map((entry) => entry.driver);
}
