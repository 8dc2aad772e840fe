import type { Command } from 'commander';
import type { PluginDescription } from '../../core/authoring/describe-plugin.js';
import type { DriverInfo } from '../../core/engine/index.js';
import { packageVersion } from '../../core/package-version.js';
import type { Finish } from '../command.js';
import { openSession } from '../engine.js';
import { formatOption } from '../format.js';
import { readGlobals } from '../globals.js';
import { knownPlugins } from '../known-plugins.js';
import { print } from '../output.js';
import { formatTable } from '../table.js';

export function definePluginInfo(command: Command, finish: Finish): void {
  command
    .command('info')
    .description('what a plugin has, and what it can be told')
    .argument('<name>')
    .addOption(formatOption())
    .action(async (name: string, options: { readonly format: string }, parsed: Command) => {
      const globals = readGlobals(parsed, process.env);
      const { describePlugin } = await import('../../core/authoring/describe-plugin.js');
      const described = await describePlugin((await knownPlugins(globals)).named(name), packageVersion());
      const { engine } = await openSession(globals);
      const drivers = (await engine.drivers()).filter(({ plugin }) => plugin === name);
      await engine.close();
      if (options.format === 'table') print(formatInfo(described, drivers));
      else
        print(`${JSON.stringify({ ...described, drivers }, undefined, options.format === 'json' ? 2 : undefined)}\n`);
      finish(0);
    });
}

function formatInfo(plugin: PluginDescription, drivers: readonly DriverInfo[]): string {
  const { name, version, description, apiVersion, from, options, hooks, commands, undo } = plugin;
  const head = [
    ['plugin', `${name} ${version}`.trim()],
    ...(description ? [['', description]] : []),
    ['api', String(apiVersion)],
    ['from', from],
  ];
  const sections = [
    drivers.map(({ kind, name: driver, support }) => [
      kind,
      driver,
      support.works ? 'works' : `does not work: ${support.reason}`,
    ]),
    Object.entries(options).map(([key, schema]) => ['option', key, ...optionWords(schema)]),
    hooks.map((hook) => ['hook', hook.name, placeOf(hook)]),
    commands.map((one) => ['command', `tsbox ${one.name} ${one.usage}`.trim(), one.summary]),
    undo.map((kind) => ['undo', kind]),
  ];
  const filled = [head, ...sections].filter((rows) => rows.length > 0);
  return filled.map((rows) => formatTable(rows)).join('\n');
}

function optionWords(schema: object): string[] {
  const { type, default: value, required, description = '', ...more } = schema as Record<string, unknown>;
  const worth = value === undefined ? (required ? 'required' : 'optional') : `default ${JSON.stringify(value)}`;
  const limits = Object.keys(more).length > 0 ? ` ${JSON.stringify(more)}` : '';
  return [`${type}${limits}`, worth, String(description)];
}

function placeOf({ before, after }: { readonly before?: string; readonly after?: string }): string {
  return [after && `after ${after}`, before && `before ${before}`].filter(Boolean).join(', ');
}
