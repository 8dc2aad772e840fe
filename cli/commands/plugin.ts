import { resolve } from 'node:path';
import type { Command } from 'commander';
import { packageVersion } from '../../core/package-version.js';
import type { Finish } from '../command.js';
import { configRequest } from '../engine.js';
import { readGlobals } from '../globals.js';
import { print } from '../output.js';
import { definePluginInfo } from './plugin-info.js';
import { definePluginList } from './plugin-list.js';
import { definePluginTest } from './plugin-test.js';

export function define(command: Command, finish: Finish): void {
  command.usage('COMMAND').helpCommand(false);
  defineCreate(command, finish);
  definePluginList(command, finish);
  definePluginInfo(command, finish);
  definePluginTest(command, finish);
}

function defineCreate(command: Command, finish: Finish): void {
  command
    .command('create')
    .description('write a plugin to begin with: storage, network, resources, userns, security, image, log or hook')
    .argument('<kind>')
    .argument('<name>')
    .option('--directory <directory>', 'where; default: a new one of its name')
    .action(async (kind: string, name: string, options: { readonly directory?: string }, parsed: Command) => {
      const { createPlugin } = await import('../../core/authoring/create-plugin.js');
      const { directory: project } = configRequest(readGlobals(parsed, process.env));
      const directory = resolve(project, options.directory ?? name);
      const made = createPlugin({ kind, name, directory, project, version: packageVersion() });
      for (const file of made.files) print(`${file}\n`);
      const { config } = made;
      if (config) print(`\nadd to "plugins" in ${config.file}: ${JSON.stringify(config.plugin)}\n`);
      print(`\ntest it:  tsbox plugin test ${options.directory ?? name}\nuse it:   ${made.use}\n`);
      finish(0);
    });
}
