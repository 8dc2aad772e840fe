import type { Command } from 'commander';
import { diffContainer } from '../../core/containers/diff.js';
import type { Finish } from '../command.js';
import { openSession } from '../engine.js';
import { readGlobals } from '../globals.js';
import { print } from '../output.js';

export function define(command: Command, finish: Finish): void {
  command.argument('<container>', 'name, id, or the beginning of an id');
  command.action(async (name: string, _options: object, parsed: Command) => {
    const { engine } = await openSession(readGlobals(parsed, process.env));
    try {
      const changes = await diffContainer(engine, name);
      print(changes.map(({ kind, path }) => `${kind} ${path}\n`).join(''));
    } finally {
      await engine.close();
    }
    finish(0);
  });
}
