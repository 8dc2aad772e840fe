import { type Command, CommanderError } from 'commander';
import { TsboxError } from '../core/plugin/error.js';
import { nearest } from '../core/plugin/nearest.js';
import { resolveAlias } from './aliases.js';
import type { CommandEntry } from './command.js';
import { COMMANDS } from './commands.js';
import { readGlobals } from './globals.js';
import { print } from './output.js';
import { createProgram, defineCommand, findCommand } from './program.js';

/** Reads the command line and does what it says. @returns the exit status */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const asked = helpFirst(argv);
  const words = resolveAlias(asked, commandIndex(asked), COMMANDS);
  const name = words[commandIndex(words)];
  const entry = COMMANDS.find((candidate) => candidate.name === name);
  const program = createProgram(COMMANDS);
  try {
    if (name !== undefined && !entry) throw unknownCommand(name);
    return await dispatch(program, words, entry);
  } catch (error) {
    return fail(error, findCommand(program, entry), entry?.failure ?? 1);
  }
}

async function fail(error: unknown, command: Command, failure: CommandEntry['failure']): Promise<number> {
  const { reportError } = await import('./report-error.js');
  const { usageError } = await import('./usage-error.js');
  const { debug } = readGlobals(command, process.env);
  return reportError(error instanceof CommanderError ? usageError(error, command) : error, { failure, debug });
}

async function dispatch(program: Command, argv: readonly string[], entry: CommandEntry | undefined): Promise<number> {
  let status = 0;
  if (entry) await defineCommand(program, entry, (result) => (status = result));
  if (argv.length > 0) return (await parse(program, argv)) || status;
  print(program.helpInformation());
  return 0;
}

/** @returns an exit status of the parser's own: 0 unless it printed help instead of doing anything */
async function parse(program: Command, argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    // Help and version have been printed: `commander.help` is that of a command without its subcommand.
    if (error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help'))
      return error.exitCode;
    throw error;
  }
}

/** `tsbox help run` is `tsbox run --help`: the options of a command are known once it is named. */
function helpFirst(argv: readonly string[]): readonly string[] {
  return argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv;
}

const TAKES_VALUE = ['--root', '--runroot', '--config'];

/** Where the first word is that is no option of ours; behind the end where there is none. */
function commandIndex(argv: readonly string[]): number {
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] as string;
    if (TAKES_VALUE.includes(word)) index++;
    else if (!word.startsWith('-')) return index;
  }
  return argv.length;
}

function unknownCommand(name: string): TsboxError {
  const meant = nearest(
    name,
    COMMANDS.filter(({ hidden }) => !hidden).map((command) => command.name),
  );
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: 'cannot read the command line',
    why: `unknown command: ${name}`,
    fix: meant ? `did you mean "tsbox ${meant}"?` : 'tsbox --help lists the commands',
  });
}
