import type { Command } from 'commander';
import type { AttachFlags } from '../attached.js';
import type { Finish } from '../command.js';

export function define(command: Command, finish: Finish): void {
  command
    .argument('<container>', 'name, id, or the beginning of an id')
    .option('--no-stdin', 'do not join its input')
    .option('--sig-proxy [on]', 'pass signals on (default: true)')
    .option('--detach-keys <keys>', 'keys that leave it running (default: ctrl-p,ctrl-q)')
    .action(async (name: string, flags: AttachFlags, parsed: Command) => {
      const { attachRunning } = await import('../attached.js');
      finish(await attachRunning(name, flags, parsed));
    });
}
