import type { Command } from 'commander';
import type { DriverInfo } from '../../core/engine/index.js';
import { type Feature, readFeatures } from '../../core/kernel/features.js';
import { packageVersion } from '../../core/package-version.js';
import type { Finish } from '../command.js';
import { openSession } from '../engine.js';
import { formatOption } from '../format.js';
import { readGlobals } from '../globals.js';
import { print } from '../output.js';
import { formatTable } from '../table.js';

export function define(command: Command, finish: Finish): void {
  command.addOption(formatOption());
  command.action(async (options: { readonly format: string }, parsed: Command) => {
    const { engine, paths, config } = await openSession(readGlobals(parsed, process.env));
    const features = readFeatures(engine.gate);
    const drivers = await engine.drivers();
    const sections = await engine.plugins.info();
    const report = {
      version: packageVersion(),
      node: process.version,
      ...paths,
      config: config.files,
      features,
      drivers,
      plugins: Object.fromEntries(sections.map(({ plugin, shown, failure }) => [plugin, shown ?? { failure }])),
    };
    if (options.format === 'table') print(formatReport(report));
    else print(`${JSON.stringify(report, undefined, options.format === 'json' ? 2 : undefined)}\n`);
    await engine.close();
    finish(0);
  });
}

interface Report {
  readonly version: string;
  readonly node: string;
  readonly root: string;
  readonly runroot: string;
  readonly config: readonly string[];
  readonly features: readonly Feature[];
  readonly drivers: readonly DriverInfo[];
  /** What plugins show of themselves. */
  readonly plugins: Readonly<Record<string, object>>;
}

function formatReport({ version, node, root, runroot, config, features, drivers, plugins }: Report): string {
  const own = [
    ['tsbox', `${version}, node ${node}`],
    ['root', root],
    ['runroot', runroot],
    ['config', config.join(' ') || 'none'],
  ];
  const host = features.map(({ group, name, available, detail }) => [
    group,
    name,
    available ? 'yes' : 'no',
    oneLine(detail),
  ]);
  const sections = Object.entries(plugins).map(([plugin, shown]) => formatTable(sectionRows(plugin, shown)));
  return [formatTable(own), formatTable(host), formatTable(drivers.flatMap(driverRows)), ...sections].join('\n');
}

function sectionRows(plugin: string, shown: object): string[][] {
  const rows = Object.entries(shown).map(([key, value]) => [
    key,
    oneLine(typeof value === 'string' ? value : JSON.stringify(value)),
  ]);
  return [[plugin, ''], ...rows];
}

/** A driver that does not work has a second line, with what mends it. */
function driverRows({ kind, name, support }: DriverInfo): string[][] {
  if (support.works) return [[kind, name, 'works', support.note ?? '']];
  return [
    [kind, name, 'does not work', oneLine(support.reason)],
    ['', '', '', `fix: ${oneLine(support.fix)}`],
  ];
}

const oneLine = (text: string): string => text.replaceAll('\n', ' ');
