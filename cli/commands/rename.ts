import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { openSession } from '../engine.js';
import { readGlobals } from '../globals.js';

export function define(command: Command, finish: Finish): void {
  command
    .argument('<container>', 'name, id, or the beginning of an id')
    .argument('<name>', 'its new name')
    .action(async (reference: string, name: string, _options: object, parsed: Command) => {
      const { renameContainer } = await import('../../core/containers/rename.js');
      const { engine } = await openSession(readGlobals(parsed, process.env));
      await renameContainer(engine, reference, name);
      await engine.close();
      finish(0);
    });
}
