import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { openSession } from '../engine.js';
import { readGlobals } from '../globals.js';
import { print, printError } from '../output.js';

export function define(command: Command, finish: Finish): void {
  command.action(async (_options: object, parsed: Command) => {
    const { engine } = await openSession(readGlobals(parsed, process.env));
    const { cleaned, failures } = await engine.gc();
    for (const id of cleaned) print(`${id}\n`);
    for (const failure of failures) printError(`tsbox: could not undo: ${failure.message}\n`);
    await engine.close();
    finish(failures.length > 0 ? 1 : 0);
  });
}
