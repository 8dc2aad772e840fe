import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { eachContainer } from '../each.js';

interface StartFlags {
  readonly attach?: boolean;
  readonly interactive?: boolean;
  readonly detachKeys?: string;
}

export function define(command: Command, finish: Finish): void {
  command
    .argument('<container...>', 'name, id, or the beginning of an id')
    .option('-a, --attach', 'join its output, pass signals on, end as it ends')
    .option('-i, --interactive', 'join its input')
    .option('--detach-keys <keys>', 'keys that leave it running (default: ctrl-p,ctrl-q)')
    .action(async (names: string[], flags: StartFlags, parsed: Command) => {
      if (flags.attach || flags.interactive) {
        const { startAttached } = await import('../attached.js');
        finish(await startAttached(names, flags, parsed));
        return;
      }
      const { startContainer } = await import('../../core/containers/start.js');
      finish(await eachContainer(names, parsed, (engine, name) => startContainer(engine, name, { patienceMs: 100 })));
    });
}
