import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { eachContainer } from '../each.js';
import { warn } from '../engine.js';

export function define(command: Command, finish: Finish): void {
  command
    .argument('<container...>', 'name, id, or the beginning of an id')
    .option('-f, --force', 'kill it first when it runs; no error when it is not there')
    .option('-v, --volumes', 'with its anonymous volumes')
    .action(
      async (names: string[], options: { readonly force?: boolean; readonly volumes?: boolean }, parsed: Command) => {
        const { removeContainer } = await import('../../core/containers/remove.js');
        const remove: Parameters<typeof eachContainer>[2] = async (engine, name, globals) => {
          const id = await removeContainer(engine, name, options);
          if (id !== undefined) return true;
          warn(`there is no container ${JSON.stringify(name)}`, globals);
          return false;
        };
        finish(await eachContainer(names, parsed, remove));
      },
    );
}
