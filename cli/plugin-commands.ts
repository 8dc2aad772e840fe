import type { Command } from 'commander';
import { loadConfig } from '../core/config/load-config.js';
import { LibraryEngine } from '../core/library/engine.js';
import { TsboxError } from '../core/plugin/error.js';
import { nearest } from '../core/plugin/nearest.js';
import { COMMANDS } from './commands.js';
import { configRequest, openSession, type Session, warn } from './engine.js';
import { type Globals, readGlobals } from './globals.js';
import { print, printError } from './output.js';
import { reportError } from './report-error.js';

/**
 * `tsbox NAME …` where no command of ours has that name: a plugin's, or none's.
 * @param before what stands before the name
 * @returns the exit status
 */
export async function runPluginCommand(
  program: Command,
  before: readonly string[],
  name: string,
  args: readonly string[],
): Promise<number> {
  program.parseOptions([...before]);
  const globals = readGlobals(program, process.env);
  const session = await openSession(globals);
  const commands = session.engine.plugins.commands();
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) throw unknownCommand(name, [...ownCommands(), ...commands.map((each) => each.name)]);
  if (args[0] === '--help') {
    print(`Usage: tsbox ${name} ${command.usage ?? ''}\n\n${command.summary} (plugin "${command.plugin}")\n`);
    return 0;
  }
  return await run(session, name, args, globals);
}

/** Adds to the help what plugins bring, where a config file names some. Never a reason for help to fail. */
export async function describePluginCommands(program: Command, words: readonly string[]): Promise<void> {
  program.parseOptions(words.filter((word) => word !== '--help'));
  const globals = readGlobals(program, process.env);
  try {
    const { plugins } = await loadConfig(configRequest(globals));
    for (const { definition } of plugins)
      for (const [name, { summary }] of Object.entries(definition.commands ?? {}))
        program.command(name).description(`${summary} (plugin "${definition.name}")`);
  } catch (error) {
    warn(`plugins have commands too, which are not listed: ${(error as Error).message}`, globals);
  }
}

async function run({ engine, config }: Session, name: string, args: readonly string[], globals: Globals) {
  const defaults = Object.assign({}, ...config.layers.toReversed().map(({ values }) => values));
  const library = new LibraryEngine(engine, defaults);
  // A promise that nothing will ever settle leaves Node with nothing to do, and that would be success.
  const stuck = () => process.exit(reportError(neverEnds(name), { failure: 1, debug: globals.debug }));
  process.once('beforeExit', stuck);
  try {
    return await engine.plugins.run(name, { args, engine: library, print, printError });
  } finally {
    process.removeListener('beforeExit', stuck);
    await engine.close();
  }
}

function neverEnds(name: string): TsboxError {
  return new TsboxError('ERR_TSBOX_PLUGIN', {
    what: `a plugin did not finish its command "${name}"`,
    why: 'its promise is not settled, and nothing is left that could settle it',
    fix: 'look for a promise that is never resolved there',
  });
}

function ownCommands(): string[] {
  return COMMANDS.filter(({ hidden }) => !hidden).map(({ name }) => name);
}

function unknownCommand(name: string, known: readonly string[]): TsboxError {
  const meant = nearest(name, known);
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: 'cannot read the command line',
    why: `unknown command: ${name}`,
    fix: meant ? `did you mean "tsbox ${meant}"?` : 'tsbox --help lists the commands',
  });
}
