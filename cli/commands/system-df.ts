import type { Command } from 'commander';
import { type DiskUsage, diskUsage, type UsageLine, usageLines } from '../../core/system/usage.js';
import { formatStatus } from '../container-list.js';
import { type ListShape, printList, printOne } from '../format.js';
import { formatAge, formatBytes } from '../human.js';
import { print } from '../output.js';
import { Problems } from '../pruned.js';
import { formatTable, LIST_LAYOUT } from '../table.js';
import type { WithEngine } from '../with-engine.js';

const LINES: ListShape<UsageLine> = {
  fields: {
    Type: ['TYPE', ({ type }) => type],
    TotalCount: ['TOTAL', ({ total }) => total],
    Active: ['ACTIVE', ({ active }) => active],
    Size: ['SIZE', ({ bytes }) => formatBytes(bytes, 4)],
    Reclaimable: ['RECLAIMABLE', reclaimable],
  },
  columns: ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable'],
};

interface Options {
  readonly verbose?: boolean;
  readonly format: string;
}

export function defineSystemDf(command: Command, using: WithEngine): void {
  command
    .command('df')
    .description('show how much disk is used')
    .option('-v, --verbose', 'each thing')
    .option('--format <format>', "table, json, jsonl, or a template: '{{.Type}} {{.Size}}'", 'table')
    .action(({ verbose = false, format }: Options, parsed: Command) =>
      using(parsed, async (engine) => {
        const problems = new Problems();
        const usage = await diskUsage(engine, problems.report);
        if (!verbose) await printList(usageLines(usage), LINES, { format, quiet: false });
        else if (format === 'table') print(verboseText(usage));
        else await printOne(usage, format);
        return problems.status;
      }),
    );
}

/** `1.2MB (50%)`; nothing has no share. */
function reclaimable({ bytes, reclaimable: free }: UsageLine): string {
  return bytes > 0 ? `${formatBytes(free, 4)} (${Math.floor((free * 100) / bytes)}%)` : formatBytes(free, 4);
}

function verboseText({ images, containers, volumes, tars }: DiskUsage): string {
  const now = Date.now();
  const age = (created: string): string => formatAge(now - Date.parse(created));
  const size = ({ bytes }: { readonly bytes: number }): string => formatBytes(bytes, 4);
  const imageRows = images.map((image) => {
    const { repository, tag, id, created, containers: count } = image;
    return [repository, tag, id.slice(7, 19), age(created), size(image), String(count)];
  });
  const containerRows = containers.map((container) => {
    const { id, image, mounts, created, name } = container;
    const local = mounts.filter(({ source }) => !source.startsWith('/')).length;
    return [id.slice(0, 12), image, String(local), size(container), age(created), formatStatus(container, now), name];
  });
  const volumeRows = volumes.map((volume) => [volume.name, String(volume.containers), size(volume)]);
  const tarRows = tars.map((tar) => [
    tar.source ?? tar.key,
    tar.current ? 'yes' : 'no',
    String(tar.containers),
    size(tar),
  ]);
  return [
    section('Images', ['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE', 'CONTAINERS'], imageRows),
    section(
      'Containers',
      ['CONTAINER ID', 'IMAGE', 'LOCAL VOLUMES', 'SIZE', 'CREATED', 'STATUS', 'NAMES'],
      containerRows,
    ),
    section('Local Volumes', ['VOLUME NAME', 'LINKS', 'SIZE'], volumeRows),
    section('Tar Cache', ['FILE', 'CURRENT', 'CONTAINERS', 'SIZE'], tarRows),
  ].join('\n');
}

function section(title: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  return `${title} space usage:\n\n${formatTable([header, ...rows], LIST_LAYOUT)}`;
}
