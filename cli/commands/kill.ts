import type { Command } from 'commander';
import { parseSignal } from '../../core/config/parse/life.js';
import type { Finish } from '../command.js';
import { eachContainer } from '../each.js';
import { flag } from '../stop-options.js';

export function define(command: Command, finish: Finish): void {
  command
    .argument('<container...>', 'name, id, or the beginning of an id')
    .option('-s, --signal <signal>', 'name or number', 'KILL')
    .action(async (names: string[], options: { readonly signal: string }, parsed: Command) => {
      const { killContainer } = await import('../../core/containers/signal.js');
      const signal = parseSignal(flag('signal', options.signal));
      finish(await eachContainer(names, parsed, (engine, name) => killContainer(engine, name, signal)));
    });
}
