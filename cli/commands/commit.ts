import { type Command, Option } from 'commander';
import { commitContainer } from '../../core/containers/commit.js';
import type { Finish } from '../command.js';
import { openSession, warn } from '../engine.js';
import { readGlobals } from '../globals.js';
import { print } from '../output.js';
import { addBooleanValues } from '../run-options.js';

interface Options {
  readonly author?: string;
  readonly message?: string;
  readonly change: readonly string[];
  readonly pause?: boolean;
}

export function define(command: Command, finish: Finish): void {
  command
    .argument('<container>', 'name, id, or the beginning of an id')
    .argument('[name]', 'of the image: repository[:tag]')
    .option('-a, --author <author>', 'who made it')
    .option('-m, --message <message>', 'what it is')
    .option('-c, --change <instruction>', "as in a Dockerfile: 'CMD [\"a\"]', 'ENV K=V'", collect, []);
  const pause = new Option('-p, --pause', 'pause the container meanwhile (default: where it can be)');
  // In this order: --no-pause alone would make it true by default.
  command.addOption(pause).option('--no-pause', 'let it run meanwhile');
  addBooleanValues(command, pause);
  command.action(async (container: string, name: string | undefined, options: Options, parsed: Command) => {
    const globals = readGlobals(parsed, process.env);
    const { engine } = await openSession(globals);
    const { author, message, change: changes, pause } = options;
    try {
      const made = await commitContainer(engine, container, {
        ...(name !== undefined && { name }),
        ...(author !== undefined && { author }),
        ...(message !== undefined && { message }),
        ...(pause !== undefined && { pause }),
        changes,
      });
      for (const warning of made.warnings) warn(warning, globals);
      print(`${made.id}\n`);
    } finally {
      await engine.close();
    }
    finish(0);
  });
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];
