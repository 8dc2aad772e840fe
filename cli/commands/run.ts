import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { runForeground } from '../foreground.js';
import { addRunOptions } from '../run-options.js';
import { readRunRequest } from '../run-request.js';

export function define(command: Command, finish: Finish): void {
  addRunOptions(command).action(async (image: string, args: string[], _options: object, parsed: Command) => {
    finish(await runForeground(await readRunRequest(image, args, parsed)));
  });
}
