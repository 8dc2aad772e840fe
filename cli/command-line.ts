import { type Command, CommanderError } from 'commander';
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
  const at = commandIndex(words);
  const name = words[at];
  const entry = COMMANDS.find((candidate) => candidate.name === name);
  const program = createProgram(entry ? [entry] : COMMANDS);
  try {
    if (name !== undefined && !entry) return await runOther(program, words, at);
    if (name === undefined && !isVersion(words)) await describePlugins(program, words);
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

/** Loaded on demand: none of our own commands needs it. */
async function runOther(program: Command, words: readonly string[], at: number): Promise<number> {
  const { runPluginCommand } = await import('./plugin-commands.js');
  return runPluginCommand(program, words.slice(0, at), words[at] as string, words.slice(at + 1));
}

async function describePlugins(program: Command, words: readonly string[]): Promise<void> {
  const { describePluginCommands } = await import('./plugin-commands.js');
  await describePluginCommands(program, words);
}

function isVersion(words: readonly string[]): boolean {
  return words.includes('-v') || words.includes('--version');
}
