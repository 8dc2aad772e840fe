import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { eachArgument } from '../each.js';
import { openSession } from '../engine.js';
import { readGlobals } from '../globals.js';

export function define(command: Command, finish: Finish): void {
  command.argument('<container...>', 'name, id, or the beginning of an id');
  command.action(async (names: string[], _options: object, parsed: Command) => {
    const globals = readGlobals(parsed, process.env);
    const { engine } = await openSession(globals);
    const status = await eachArgument(names, globals, (name) => engine.remove(name));
    await engine.close();
    finish(status);
  });
}
