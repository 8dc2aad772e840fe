import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { eachContainer } from '../each.js';
import { addStopOptions, readStopOptions } from '../stop-options.js';

export function define(command: Command, finish: Finish): void {
  addStopOptions(command).action(async (names: string[], options: object, parsed: Command) => {
    const { stopContainer } = await import('../../core/containers/stop.js');
    const how = readStopOptions(options);
    finish(await eachContainer(names, parsed, (engine, name) => stopContainer(engine, name, how)));
  });
}
