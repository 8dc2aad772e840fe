import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { openSession } from '../engine.js';
import { readGlobals } from '../globals.js';

/** Not for people: what a monitor becomes when its container has ended and a policy wants something done. */
export function define(command: Command, finish: Finish): void {
  command.argument('<id>', 'id of the container').action(async (id: string, _options: object, parsed: Command) => {
    const { afterEnd } = await import('../../core/containers/after-end.js');
    const { engine } = await openSession(readGlobals(parsed, process.env));
    await afterEnd(engine, id);
    await engine.close();
    finish(0);
  });
}
