import type { Command } from 'commander';
import { type ImageListing, listImages } from '../../core/image/store.js';
import type { Finish } from '../command.js';
import { eachArgument } from '../each.js';
import { openSession } from '../engine.js';
import { addListOptions, type ListShape, printList, readListOptions } from '../format.js';
import { readGlobals } from '../globals.js';
import { formatAge, formatBytes, formatTimestamp } from '../human.js';
import { withEngine } from '../with-engine.js';
import { defineFromHost } from './image-from-host.js';
import { defineImagePrune } from './image-prune.js';

export function define(command: Command, finish: Finish): void {
  command.usage('COMMAND').helpCommand(false);
  defineList(command, finish);
  defineFromHost(command, finish);
  defineRemove(command, finish);
  defineImagePrune(command, withEngine(finish));
}

const IMAGES: ListShape<ImageListing> = {
  fields: {
    Repository: ['REPOSITORY', ({ repository }) => repository],
    Tag: ['TAG', ({ tag }) => tag],
    ID: ['IMAGE ID', ({ id }) => id.slice('sha256:'.length, 'sha256:'.length + 12)],
    CreatedSince: ['CREATED', ({ created }) => formatAge(Date.now() - Date.parse(created))],
    CreatedAt: ['CREATED AT', ({ created }) => formatTimestamp(created)],
    Size: ['SIZE', ({ bytes }) => formatBytes(bytes)],
  },
  columns: ['Repository', 'Tag', 'ID', 'CreatedSince', 'Size'],
  id: 'ID',
};

function defineList(command: Command, finish: Finish): void {
  const list = addListOptions(command.command('ls').alias('list').description('list the local images'));
  list.action(async (_options: object, parsed: Command) => {
    const { paths } = await openSession(readGlobals(parsed, process.env));
    await printList(listImages(paths.root), IMAGES, readListOptions(parsed));
    finish(0);
  });
}

function defineRemove(command: Command, finish: Finish): void {
  const remove = command.command('rm').description('remove local images').argument('<name...>', 'name[:tag]');
  remove.option('-f, --force', 'also where containers are made of it');
  remove.action(async (names: string[], { force = false }: { readonly force?: boolean }, parsed: Command) => {
    const globals = readGlobals(parsed, process.env);
    const { engine } = await openSession(globals);
    const { removeImageSafely } = await import('../../core/system/remove-image.js');
    const status = await eachArgument(names, globals, (name) => removeImageSafely(engine, name, force));
    await engine.close();
    finish(status);
  });
}
