import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { type Format, formatOption } from '../format.js';
import { printPlan } from '../plan-table.js';
import { addRunOptions } from '../run-options.js';
import { readRunRequest } from '../run-request.js';

export function define(command: Command, finish: Finish): void {
  addRunOptions(command).addOption(formatOption());
  command.action(async (image: string, args: string[], options: { readonly format: Format }, parsed: Command) => {
    const { engine, spec } = await readRunRequest(image, args, parsed);
    const { entries } = await engine.plan(spec);
    printPlan(entries, options.format);
    await engine.close();
    finish(0);
  });
}
