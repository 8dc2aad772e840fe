import type { Command } from 'commander';
import { exportContainer } from '../../core/containers/export.js';
import type { Finish } from '../command.js';
import { openSession } from '../engine.js';
import { readGlobals } from '../globals.js';
import { refuseTerminal, writeToFile, writeToStdout } from '../pieces.js';

export function define(command: Command, finish: Finish): void {
  command.argument('<container>', 'name, id, or the beginning of an id');
  command.option('-o, --output <file>', 'write to a file, instead of stdout');
  command.action(async (name: string, { output }: { readonly output?: string }, parsed: Command) => {
    const { engine } = await openSession(readGlobals(parsed, process.env));
    try {
      if (output === undefined) refuseTerminal();
      const pieces = exportContainer(engine, name);
      await (output === undefined ? writeToStdout(pieces) : writeToFile(output, pieces));
    } finally {
      await engine.close();
    }
    finish(0);
  });
}
