import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadPlugin } from '../config/load-plugin.js';
import type { Caller } from '../config/trust.js';
import type { JsonObject } from '../plugin/index.js';
import { packageOf } from './describe-plugin.js';
import { runVitest } from './run-vitest.js';
import { driversOf, suiteFile } from './suite-file.js';

const ENTRIES = ['index.ts', 'src/index.ts', 'index.js', 'index.mjs', 'dist/index.js'];

/** The module of a plugin that is named by a path: itself, or the first that its directory has. */
export function moduleAt(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  if (!statSync(path).isDirectory()) return path;
  return ENTRIES.map((name) => join(path, name)).find((file) => existsSync(file));
}

export interface TestRequest {
  readonly module: string;
  readonly caller: Caller;
  /** Where names of tsbox lead in a suite that is not the plugin's own: [regular expression, path]. */
  readonly aliases: readonly (readonly [string, string])[];
  readonly pluginOptions: Readonly<Record<string, JsonObject>>;
  readonly driverOptions: Readonly<Record<string, JsonObject>>;
}

/** Runs the plugin's own test files; where it has none, the suites for its kinds. @returns the exit status */
export async function testPlugin(request: TestRequest): Promise<number> {
  const { module } = request;
  const directory = packageOf(module) ?? dirname(module);
  if (hasTests(directory)) return (await runVitest({ directory, show: true })).status;
  const { definition } = await loadPlugin(module, module, request.caller);
  const pluginOptions = request.pluginOptions[definition.name];
  const description = pluginOptions ? { description: `pluginOptions: ${JSON.stringify(pluginOptions)}` } : {};
  const text = suiteFile({
    module,
    drivers: driversOf(definition),
    ...description,
    driverOptions: request.driverOptions,
  });
  return (await runVitest({ directory, text, aliases: request.aliases, show: true })).status;
}

/** vitest's own idea of test files, without what was installed. */
function hasTests(directory: string): boolean {
  return readdirSync(directory, { withFileTypes: true }).some((entry) => {
    if (entry.isDirectory())
      return !/^(node_modules|\.|dist)/.test(entry.name) && hasTests(join(directory, entry.name));
    return /\.(test|spec)\.[cm]?[jt]s$/.test(entry.name);
  });
}
