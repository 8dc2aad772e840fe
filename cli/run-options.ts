import { type Command, Option } from 'commander';
import { RUN_KEYS, type RunKey, type RunOption, type RunSettings, runOption } from '../core/config/run-options.js';

/** Adds IMAGE, COMMAND and every option of `run`. Options end at IMAGE. */
export function addRunOptions(command: Command): Command {
  command
    .usage('[OPTIONS] IMAGE [COMMAND] [ARG...]')
    .argument('<image>', 'host, a directory, a tar file, a local image, or @NAME: an environment')
    .argument('[command...]', "what to run in it; default: the image's own command")
    .passThroughOptions()
    // -h is the host name here, as it is in docker.
    .helpOption('--help', 'print this help');
  for (const key of RUN_KEYS) addOption(command, key, runOption(key));
  return command;
}

/** The settings that were given on the command line. */
export function givenSettings(command: Command): RunSettings {
  const options: Record<string, unknown> = command.opts();
  return Object.fromEntries(RUN_KEYS.filter((key) => options[key] !== undefined).map((key) => [key, options[key]]));
}

/** One option with its aliases, and for a boolean its values. */
export function addOption(command: Command, key: RunKey, option: RunOption): void {
  const made = new Option(option.flags, option.help);
  if (option.kind === 'list' || option.kind === 'env') made.argParser(append);
  command.addOption(made);
  if (option.kind === 'boolean') addBooleanValues(command, made);
  for (const alias of option.aliases ?? []) {
    const other = new Option(`--${alias} <value>`).hideHelp().argParser(append);
    command.addOption(other);
    command.on(`option:${alias}`, (value: string) => {
      const earlier = command.getOptionValue(key) as string[] | undefined;
      command.setOptionValue(key, option.kind === 'list' ? append(value, earlier) : value);
    });
  }
}

function append(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}

/** `--rm=false` takes back what a config file says; commander itself gives booleans no values. */
export function addBooleanValues(command: Command, option: Option): void {
  for (const value of [true, false]) {
    command.addOption(new Option(`${option.long}=${value}`).hideHelp());
    command.on(`option:${option.name()}=${value}`, () => command.setOptionValue(option.attributeName(), value));
  }
}
