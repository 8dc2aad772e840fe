import { type Command, Option } from 'commander';
import type { Finish } from '../command.js';
import { print } from '../output.js';
import { printPlan } from '../plan-table.js';
import { addRunOptions } from '../run-options.js';
import { readRunRequest } from '../run-request.js';

/** `table` is what `text` was called first. */
const FORMATS = ['text', 'table', 'json', 'jsonl', 'html', 'oci'] as const;
type PlanFormat = (typeof FORMATS)[number];

export function define(command: Command, finish: Finish): void {
  const format = new Option('--format <format>', 'text, json, jsonl, html, or oci: a config.json of the OCI runtime');
  addRunOptions(command).addOption(format.choices(FORMATS).default('text'));
  command.action(async (image: string, args: string[], options: { readonly format: PlanFormat }, parsed: Command) => {
    const { engine, spec } = await readRunRequest(image, args, parsed);
    const { entries, oci } = await engine.plan(spec);
    if (options.format === 'oci') print(await oci());
    else if (options.format === 'html') print(await page([image, ...args].join(' '), entries));
    else printPlan(entries, options.format === 'text' ? 'table' : options.format);
    await engine.close();
    finish(0);
  });
}

async function page(title: string, entries: Parameters<typeof printPlan>[0]): Promise<string> {
  const { planPage } = await import('../../core/trace/index.js');
  return planPage(title, entries);
}
