import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { TsboxError } from '../../core/plugin/error.js';
import type { Finish } from '../command.js';
import { configRequest } from '../engine.js';
import { readGlobals } from '../globals.js';
import { knownPlugins } from '../known-plugins.js';

export function definePluginTest(command: Command, finish: Finish): void {
  command
    .command('test')
    .description("run a plugin's own tests; where it has none, the suites for its kinds")
    .argument('<plugin>', 'path of its directory or module, or its name')
    .action(async (plugin: string, _: object, parsed: Command) => {
      const globals = readGlobals(parsed, process.env);
      const { moduleAt, testPlugin } = await import('../../core/authoring/test-plugin.js');
      const { directory, caller } = configRequest(globals);
      const { config, named } = await knownPlugins(globals);
      const module = moduleAt(resolve(directory, plugin)) ?? moduleOf(plugin, named(plugin).module);
      const { pluginOptions, driverOptions } = config;
      finish(await testPlugin({ module, caller, aliases: ownNames(), pluginOptions, driverOptions }));
    });
}

function moduleOf(name: string, module: string | undefined): string {
  if (module !== undefined && !module.includes('#')) return module;
  throw new TsboxError('ERR_TSBOX_PLUGIN', {
    what: `cannot test the plugin ${JSON.stringify(name)}`,
    why: module === undefined ? 'it is built in' : 'it stands in a config file, and has no module of its own',
    fix: module === undefined ? 'npm test in a clone of tsbox' : 'move it into a file, and name that',
  });
}

/** A suite that is not the plugin's own is that of this tsbox. */
function ownNames(): (readonly [string, string])[] {
  const dist = dirname(process.argv[1] as string);
  return [
    ['^tsbox$', `${dist}/index.js`],
    ['^tsbox\\/plugin$', `${dist}/plugin.js`],
    ['^tsbox\\/testing$', `${dist}/testing.js`],
  ];
}
