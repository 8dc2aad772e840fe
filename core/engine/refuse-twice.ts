import { TsboxError } from '../plugin/error.js';
import { DRIVER_KINDS } from '../plugin/plugin.js';
import type { PluginSource } from '../plugin/source.js';

/** Of the engine itself: `--log-driver`. */
const RESERVED: Readonly<Record<string, string>> = { 'log file': 'tsbox', 'log none': 'tsbox' };

/** Refuses two plugins of one name, and two drivers or commands: which of them was meant nobody knows. @throws TsboxError */
export function refuseTwice(sources: readonly PluginSource[]): void {
  const plugins = new Set<string>();
  for (const { name, module } of sources) {
    if (plugins.has(name)) throw twice(name, module, 'there is another plugin of that name');
    plugins.add(name);
  }
  const drivers = new Map(Object.entries(RESERVED));
  const commands = new Map<string, string>();
  for (const source of sources) {
    for (const kind of DRIVER_KINDS)
      for (const driver of source.drivers?.[kind] ?? [])
        take(drivers, `${kind} ${driver}`, source, `${kind} driver "${driver}"`);
    for (const command of Object.keys(source.definition?.commands ?? {}))
      take(commands, command, source, `command "${command}"`);
  }
}

function take(taken: Map<string, string>, key: string, { name, module }: PluginSource, what: string): void {
  const owner = taken.get(key);
  if (owner !== undefined) throw twice(name, module, `the plugin "${owner}" has a ${what} already`);
  taken.set(key, name);
}

function twice(name: string, module: string | undefined, why: string): TsboxError {
  return new TsboxError('ERR_TSBOX_PLUGIN', {
    what: `plugin "${name}" cannot be loaded`,
    why,
    fix: module === undefined ? 'leave one of them out' : `leave one of them out of the configuration: ${module}`,
  });
}
