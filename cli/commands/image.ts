import type { Command } from 'commander';
import { type ImageListing, listImages, removeImage } from '../../core/image/store.js';
import type { Finish } from '../command.js';
import { eachArgument } from '../each.js';
import { openSession } from '../engine.js';
import { type Format, formatOption, printItems } from '../format.js';
import { readGlobals } from '../globals.js';
import { formatAge, formatBytes } from '../human.js';
import { defineFromHost } from './image-from-host.js';

export function define(command: Command, finish: Finish): void {
  command.usage('COMMAND').helpCommand(false);
  defineList(command, finish);
  defineFromHost(command, finish);
  defineRemove(command, finish);
}

function defineList(command: Command, finish: Finish): void {
  const list = command.command('ls').alias('list').description('list the local images').addOption(formatOption());
  list.action(async (options: { readonly format: Format }, parsed: Command) => {
    const { paths } = await openSession(readGlobals(parsed, process.env));
    const header = ['REPOSITORY', 'TAG', 'CREATED', 'SIZE'];
    printItems(listImages(paths.root), options.format, header, imageRow);
    finish(0);
  });
}

function imageRow({ repository, tag, created, bytes }: ImageListing): string[] {
  return [repository, tag, formatAge(Date.now() - Date.parse(created)), formatBytes(bytes)];
}

function defineRemove(command: Command, finish: Finish): void {
  const remove = command.command('rm').description('remove local images').argument('<name...>', 'name[:tag]');
  remove.action(async (names: string[], _options: object, parsed: Command) => {
    const globals = readGlobals(parsed, process.env);
    const { engine, paths } = await openSession(globals);
    const status = await eachArgument(names, globals, (name) => removeImage(paths.root, name, engine.gate));
    await engine.close();
    finish(status);
  });
}
