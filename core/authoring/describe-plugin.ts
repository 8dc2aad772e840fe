import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DRIVER_KINDS, HOOK_NAMES, type PluginDefinition, type PluginSource } from '../plugin/index.js';

/** A plugin as `plugin ls` and `plugin info` show it. */
export interface PluginDescription {
  readonly name: string;
  /** Of its package; that of tsbox where it is built in. */
  readonly version: string;
  readonly description: string;
  readonly apiVersion: number | string;
  /** `storage:tmpfs`. */
  readonly drivers: readonly { readonly kind: string; readonly name: string }[];
  readonly hooks: readonly { readonly name: string; readonly before?: string; readonly after?: string }[];
  readonly options: Readonly<Record<string, object>>;
  readonly commands: readonly { readonly name: string; readonly usage: string; readonly summary: string }[];
  /** Undo functions, by the kind that its steps name. */
  readonly undo: readonly string[];
  /** Path of its module, or `built in`. */
  readonly from: string;
}

/** @param ownVersion of tsbox */
export async function describePlugin(source: PluginSource, ownVersion: string): Promise<PluginDescription> {
  const definition = await source.load();
  const { name, description = '', apiVersion, options = {}, commands = {}, undo = {} } = definition;
  const [file] = (source.module ?? '').split('#');
  return {
    name,
    version: file ? (versionOf(file) ?? '') : ownVersion,
    description,
    apiVersion,
    drivers: DRIVER_KINDS.flatMap((kind) =>
      Object.keys(definition.drivers?.[kind] ?? {}).map((one) => ({ kind, name: one })),
    ),
    hooks: hooksOf(definition),
    options,
    commands: Object.entries(commands).map(([one, { usage = '', summary }]) => ({ name: one, usage, summary })),
    undo: Object.keys(undo),
    from: source.module ?? 'built in',
  };
}

/** In the order in which they run. */
function hooksOf({ hooks = {} }: PluginDefinition): PluginDescription['hooks'] {
  return HOOK_NAMES.flatMap((name) => {
    const registration = hooks[name];
    if (!registration) return [];
    if (typeof registration === 'function') return [{ name }];
    const { before, after } = registration;
    return [{ name, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
  });
}

/** Of the nearest package. */
function versionOf(file: string): string | undefined {
  const directory = packageOf(file);
  if (directory === undefined) return undefined;
  const { version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { version?: unknown };
  return typeof version === 'string' ? version : undefined;
}

/** The directory of the package that a file is in. */
export function packageOf(file: string): string | undefined {
  const directory = dirname(file);
  if (existsSync(join(directory, 'package.json'))) return directory;
  return directory === dirname(directory) ? undefined : packageOf(directory);
}
