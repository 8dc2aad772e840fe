import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { eachArgument } from '../each.js';
import { openSession } from '../engine.js';
import { readGlobals } from '../globals.js';
import { print } from '../output.js';

/** Prints each container's exit status; its own is 0. */
export function define(command: Command, finish: Finish): void {
  command
    .argument('<container...>', 'name, id, or the beginning of an id')
    .action(async (names: string[], _options: object, parsed: Command) => {
      const { waitContainer } = await import('../../core/containers/wait.js');
      const globals = readGlobals(parsed, process.env);
      const { engine } = await openSession(globals);
      const wait = async (name: string) => print(`${(await waitContainer(engine, name)).exitCode}\n`);
      const status = await eachArgument(names, globals, wait, false);
      await engine.close();
      finish(status);
    });
}
