import type { PluginDescription } from '../core/authoring/describe-plugin.js';
import { type LoadedConfig, loadConfig } from '../core/config/load-config.js';
import { packageVersion } from '../core/package-version.js';
import { TsboxError } from '../core/plugin/error.js';
import { nearest } from '../core/plugin/nearest.js';
import { type PluginSource, sourceOf } from '../core/plugin/source.js';
import { builtins } from '../plugins/builtins.js';
import { configRequest } from './engine.js';
import type { Globals } from './globals.js';

export interface KnownPlugins {
  readonly config: LoadedConfig;
  readonly sources: readonly PluginSource[];
  descriptions(): Promise<PluginDescription[]>;
  /** @throws TsboxError where there is none of that name */
  named(name: string): PluginSource;
}

/** The plugins that are built in and those that config files name. No engine is made. */
export async function knownPlugins(globals: Globals): Promise<KnownPlugins> {
  const config = await loadConfig(configRequest(globals));
  const { describePlugin } = await import('../core/authoring/describe-plugin.js');
  const sources = [...builtins, ...config.plugins.map(({ definition, module }) => sourceOf(definition, module))];
  return {
    config,
    sources,
    descriptions: () => Promise.all(sources.map((source) => describePlugin(source, packageVersion()))),
    named: (name) => sources.find((source) => source.name === name) ?? unknown(name, sources),
  };
}

function unknown(name: string, sources: readonly PluginSource[]): never {
  const known = sources.map((source) => source.name);
  const near = nearest(name, known);
  throw new TsboxError('ERR_TSBOX_PLUGIN', {
    what: `there is no plugin ${JSON.stringify(name)}`,
    why: 'it is not built in, and no config file names it',
    fix: [...(near ? [`did you mean ${near}?`] : []), 'tsbox plugin ls lists them; or name its path: ./mine'],
  });
}
