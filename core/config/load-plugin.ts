import { dirname, resolve } from 'node:path';
import { TsboxError } from '../plugin/error.js';
import type { PluginDefinition } from '../plugin/plugin.js';
import { loadModule, resolvePackage } from './load-module.js';
import { type Caller, trustedFile } from './trust.js';

/** A plugin that a config file names, loaded. */
export interface LoadedPlugin {
  readonly definition: PluginDefinition;
  /** Absolute path of its module; of one in a config file, with its name: `/srv/tsbox.config.ts#audit`. */
  readonly module: string;
}

/** A plugin that stands in the config file itself. */
export function inlinePlugin(definition: PluginDefinition, configFile: string): LoadedPlugin {
  return { definition, module: `${configFile}#${definition.name}` };
}

/** Loads a plugin by path (relative to the config file) or by package name. @throws TsboxError */
export async function loadPlugin(name: string, configFile: string, caller: Caller): Promise<LoadedPlugin> {
  const path = await locate(name, configFile).catch((error: unknown) => {
    throw failed(name, configFile, error);
  });
  let module: string;
  try {
    module = trustedFile(path, 'the plugin', caller);
    const definition = await loadModule(module);
    if (isDefinition(definition)) return { definition, module };
  } catch (error) {
    throw error instanceof TsboxError ? error : failed(name, configFile, error);
  }
  throw failed(name, configFile, new Error('its default export is not what definePlugin returns'));
}

async function locate(name: string, configFile: string): Promise<string> {
  return /^\.{0,2}\//.test(name) ? resolve(dirname(configFile), name) : resolvePackage(name, configFile);
}

function isDefinition(value: unknown): value is PluginDefinition {
  return typeof value === 'object' && value !== null && 'name' in value && 'apiVersion' in value;
}

function failed(name: string, configFile: string, error: unknown): TsboxError {
  return new TsboxError('ERR_TSBOX_PLUGIN', {
    what: `cannot load the plugin ${JSON.stringify(name)} of ${configFile}`,
    why: (error instanceof Error ? error.message : String(error)).split('\n')[0] as string,
    fix: /^\.{0,2}\//.test(name) ? 'the path is relative to the config file' : `npm install ${name}`,
    cause: error,
  });
}
