import type { Command } from 'commander';
import type { PluginDescription } from '../../core/authoring/describe-plugin.js';
import type { Finish } from '../command.js';
import { addListOptions, type ListShape, printList, readListOptions } from '../format.js';
import { readGlobals } from '../globals.js';
import { knownPlugins } from '../known-plugins.js';

export const PLUGINS: ListShape<PluginDescription> = {
  fields: {
    Name: ['NAME', ({ name }) => name],
    Version: ['VERSION', ({ version }) => version],
    Description: ['DESCRIPTION', ({ description }) => description],
    Drivers: ['DRIVERS', ({ drivers }) => drivers.map(({ kind, name }) => `${kind}:${name}`).join(' ')],
    Hooks: ['HOOKS', ({ hooks }) => hooks.map(({ name }) => name).join(' ')],
    Commands: ['COMMANDS', ({ commands }) => commands.map(({ name }) => name).join(' ')],
    From: ['FROM', ({ from }) => from],
  },
  columns: ['Name', 'Version', 'Drivers', 'Hooks', 'From'],
  id: 'Name',
};

export function definePluginList(command: Command, finish: Finish): void {
  const list = command.command('ls').alias('list').description('list the plugins that are built in or configured');
  addListOptions(list);
  list.action(async (_: object, parsed: Command) => {
    const { descriptions } = await knownPlugins(readGlobals(parsed, process.env));
    await printList(await descriptions(), PLUGINS, readListOptions(parsed));
    finish(0);
  });
}
