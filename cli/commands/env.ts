import type { Command } from 'commander';
import { type EnvironmentSummary, listEnvironments } from '../../core/environments/index.js';
import type { Finish } from '../command.js';
import { warn } from '../engine.js';
import { readEnvironmentRequest } from '../environment-request.js';
import { addListOptions, type ListShape, printList, readListOptions } from '../format.js';
import { readGlobals } from '../globals.js';

const SHAPE: ListShape<EnvironmentSummary> = {
  fields: {
    Name: ['NAME', ({ name }) => name],
    Description: ['DESCRIPTION', ({ description = '' }) => description],
    Image: ['IMAGE', ({ image = '' }) => image],
    Services: ['SERVICES', ({ services }) => services.join(',')],
    Profiles: ['PROFILES', ({ profiles }) => profiles.join(',')],
    File: ['FILE', ({ file }) => file],
  },
  columns: ['Name', 'Description', 'Services', 'File'],
  id: 'Name',
};

export function define(command: Command, finish: Finish): void {
  command.usage('COMMAND').helpCommand(false);
  const list = command.command('ls').alias('list').description('list the environments of the config files');
  addListOptions(list).action(async (_options: object, parsed: Command) => {
    const globals = readGlobals(parsed, process.env);
    const all = await listEnvironments(await readEnvironmentRequest(globals));
    await printList(all, SHAPE, readListOptions(parsed));
    for (const { error } of all) if (error !== undefined) warn(error, globals);
    finish(0);
  });
}
