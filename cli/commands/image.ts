import type { Command } from 'commander';
import { listImages, removeImage } from '../../core/image/store.js';
import type { Finish } from '../commands.js';
import { openSession } from '../engine.js';
import { type Format, formatOption, printItems } from '../format.js';
import { readGlobals } from '../globals.js';
import { print } from '../output.js';
import { reportError } from '../report-error.js';

export function define(command: Command, finish: Finish): void {
  command.usage('COMMAND').helpCommand(false);
  defineList(command, finish);
  defineRemove(command, finish);
}

function defineList(command: Command, finish: Finish): void {
  const list = command.command('ls').alias('list').description('list the local images').addOption(formatOption());
  list.action(async (options: { readonly format: Format }, parsed: Command) => {
    const { paths } = await openSession(readGlobals(parsed, process.env));
    const header = ['REPOSITORY', 'TAG', 'CREATED'];
    printItems(listImages(paths.root), options.format, header, ({ repository, tag, created }) => [repository, tag, created]);
    finish(0);
  });
}

/** Goes on after a failure: one error per bad argument, and exit status 1. */
function defineRemove(command: Command, finish: Finish): void {
  const remove = command.command('rm').description('remove local images').argument('<name...>', 'name[:tag]');
  remove.action(async (names: string[], _options: object, parsed: Command) => {
    const globals = readGlobals(parsed, process.env);
    const { engine, paths } = await openSession(globals);
    let status = 0;
    for (const name of names) {
      try {
        await removeImage(paths.root, name, engine.gate);
        print(`${name}\n`);
      } catch (error) {
        status = reportError(error, { failure: 1, debug: globals.debug, command: 'image' });
      }
    }
    await engine.close();
    finish(status);
  });
}
