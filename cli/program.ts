import { type Command, CommanderError, Option } from 'commander';
import { packageVersion } from '../core/package-version.js';
import type { CommandEntry, Finish } from './command.js';
import { IndexedCommand } from './indexed-command.js';
import { print, printError } from './output.js';

/** The program with the names of commands: of the one that is asked for, which will be defined, or of all. */
export function createProgram(commands: readonly CommandEntry[]): Command {
  const program = quiet(new IndexedCommand('tsbox'))
    .description('A container runtime that is made of plugins')
    .usage('[OPTIONS] COMMAND')
    .enablePositionalOptions()
    .helpCommand(false);
  addGlobalOptions(program);
  // -V would be commander's; docker has -v for the version, run has it for volumes.
  program.addOption(new Option('-v, --version', 'print the version'));
  program.on('option:version', () => {
    print(`tsbox ${packageVersion()}\n`);
    throw new CommanderError(0, 'commander.version', 'printed');
  });
  for (const { name, summary, hidden } of commands)
    program.addCommand(quiet(new IndexedCommand(name)).description(summary), { hidden: hidden ?? false });
  return program;
}

/** Loads a command's module and lets it add its options. */
export async function defineCommand(program: Command, entry: CommandEntry, finish: Finish): Promise<void> {
  const module = await entry.load();
  const command = findCommand(program, entry);
  module.define(command, finish);
  addGlobalOptions(command);
  for (const sub of command.commands) addGlobalOptions(quiet(sub));
}

/** The command of an entry; without one the program itself. */
export function findCommand(program: Command, entry: CommandEntry | undefined): Command {
  return program.commands.find((command) => command.name() === entry?.name) ?? program;
}

/** They may stand before the command and after it. */
function addGlobalOptions(command: Command): void {
  for (const option of GLOBAL_OPTIONS) command.addOption(option);
}

/** Shared by all commands: commander keeps what was given with the command. */
const GLOBAL_OPTIONS = [
  new Option('--root <directory>', 'where state is kept that survives a reboot'),
  new Option('--runroot <directory>', 'where state is kept that does not'),
  new Option('--config <file>', 'config file, instead of the one that is found'),
  new Option('--debug', 'with stack traces'),
  new Option('--quiet', 'no warnings'),
];

/** Errors are thrown, not printed: report-error.ts gives them their form. */
function quiet(command: Command): Command {
  return command.exitOverride().configureOutput({ outputError: () => {}, writeOut: print, writeErr: printError });
}
