import 'reflect-metadata';
import { container as rootContainer } from 'tsyringe';
import type { Gate } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import { DRIVER_KINDS } from '../plugin/plugin.js';
import type { PluginSource } from '../plugin/source.js';
import { GATE, HOST, STATE_PATHS } from '../plugin/tokens.js';
import type { DriverInfo, EngineOptions } from './engine-options.js';
import { GivenOptions } from './given-options.js';
import type { HookBus } from './hook-bus.js';
import { enginePlugin } from './own-undo.js';
import { PluginRegistry } from './registry.js';

/** The composition root: what drivers' factories can ask for, and all plugins. */
export function composeRegistry(options: EngineOptions, gate: Gate, host: Host, bus: HookBus): PluginRegistry {
  const { root, runroot, plugins, pluginOptions, driverOptions, optionPlaces } = options;
  const container = rootContainer.createChildContainer();
  container.register(GATE, { useValue: gate });
  container.register(HOST, { useValue: host });
  container.register(STATE_PATHS, { useValue: { root, runroot } });
  const own: PluginSource = { name: 'engine', load: async () => enginePlugin };
  const given = new GivenOptions(pluginOptions, driverOptions, optionPlaces);
  return new PluginRegistry([own, ...plugins], container, bus, given);
}

/** Every driver there is, and whether it works on this host. */
export async function listDrivers(registry: PluginRegistry): Promise<DriverInfo[]> {
  const infos: DriverInfo[] = [];
  for (const kind of DRIVER_KINDS) {
    for (const name of registry.names(kind)) {
      const { plugin, driver } = await registry.driver(kind, name);
      infos.push({ kind, name, plugin, support: driver.check() });
    }
  }
  return infos;
}
