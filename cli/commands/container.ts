import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { readGlobals } from '../globals.js';
import { readStatePaths } from '../state-paths.js';
import { withEngine } from '../with-engine.js';
import { defineContainerPrune } from './container-prune.js';

/** The other commands of docker's `container` are aliases: see aliases.ts. */
export function define(command: Command, finish: Finish): void {
  command.usage('COMMAND').helpCommand(false);
  defineContainerPrune(command, withEngine(finish));
  command
    .command('exists')
    .description('end with 0 when there is such a container, with 1 when there is not')
    .argument('<container>', 'name, id, or the beginning of an id')
    .action(async (reference: string, _options: object, parsed: Command) => {
      const { root } = await readStatePaths(readGlobals(parsed, process.env));
      const { findContainer } = await import('../../core/state/find.js');
      finish(exists(() => findContainer(root, reference)) ? 0 : 1);
    });
}

function exists(find: () => string): boolean {
  try {
    find();
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_TSBOX_NO_SUCH_CONTAINER') return false;
    throw error;
  }
}
