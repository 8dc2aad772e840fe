import type { Command } from 'commander';

/** Where an environment comes from that is no part of the config file. */
export function addTargetOptions(command: Command): Command {
  return command
    .option('-f, --file <file>', 'a compose file', (value: string, earlier: string[] | undefined) => [
      ...(earlier ?? []),
      value,
    ])
    .option('-p, --project-name <name>', "name of a compose file's environment (default: its own, or the directory's)");
}
