import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { eachContainer } from '../each.js';

export function define(command: Command, finish: Finish): void {
  command.argument('<container...>', 'name, id, or the beginning of an id');
  command.action(async (names: string[], _options: object, parsed: Command) => {
    const { unpauseContainer } = await import('../../core/containers/pause.js');
    finish(await eachContainer(names, parsed, unpauseContainer));
  });
}
