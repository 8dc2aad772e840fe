import type { Command } from 'commander';
import { EXEC_KEYS, type ExecKey } from '../../core/config/resolve-exec.js';
import { runOption } from '../../core/config/run-options.js';
import type { Finish } from '../command.js';
import { addOption } from '../run-options.js';

const HELP: { readonly [Key in ExecKey]?: string } = {
  detach: 'run in the background',
  env: 'set a variable beside those of the container; K alone copies it from the caller',
  privileged: 'all capabilities that tsbox has',
  user: "user to run as, of the container's own accounts: names or numbers",
  workdir: 'working directory inside, which must exist',
};

/** Options end at CONTAINER. */
export function define(command: Command, finish: Finish): void {
  command
    .usage('[OPTIONS] CONTAINER COMMAND [ARG...]')
    .argument('<container>', 'name, id, or the beginning of an id')
    .argument('<command...>', 'what to run in it')
    .passThroughOptions();
  for (const key of EXEC_KEYS) {
    const option = runOption(key);
    addOption(command, key, { ...option, help: HELP[key] ?? option.help });
  }
  command.action(async (name: string, args: string[], _options: object, parsed: Command) => {
    const { execCommand } = await import('../exec.js');
    finish(await execCommand(name, args, parsed));
  });
}
