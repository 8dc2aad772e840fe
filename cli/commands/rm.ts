import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { eachContainer } from '../each.js';

export function define(command: Command, finish: Finish): void {
  command
    .argument('<container...>', 'name, id, or the beginning of an id')
    .option('-f, --force', 'kill it first when it runs; no error when it is not there')
    .option('-v, --volumes', 'with its anonymous volumes')
    .action(
      async (names: string[], options: { readonly force?: boolean; readonly volumes?: boolean }, parsed: Command) => {
        const { removeContainer } = await import('../../core/containers/remove.js');
        finish(await eachContainer(names, parsed, (engine, name) => removeContainer(engine, name, options)));
      },
    );
}
