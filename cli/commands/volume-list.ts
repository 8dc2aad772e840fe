import type { Command } from 'commander';
import { listVolumes, type VolumeInfo } from '../../core/volumes/list.js';
import type { Finish } from '../command.js';
import { addFilterOption, type Filters, readFilters } from '../filter.js';
import { addListOptions, formatLabels, type ListShape, printList, readListOptions } from '../format.js';
import { readGlobals } from '../globals.js';
import { Problems } from '../pruned.js';
import { readStatePaths } from '../state-paths.js';

const FILTERS = ['dangling', 'driver', 'label', 'name'] as const;

export const VOLUMES: ListShape<VolumeInfo> = {
  fields: {
    Driver: ['DRIVER', () => 'local'],
    Name: ['VOLUME NAME', ({ name }) => name],
    Scope: ['SCOPE', () => 'local'],
    Mountpoint: ['MOUNTPOINT', ({ mountpoint }) => mountpoint],
    Labels: ['LABELS', ({ labels }) => formatLabels(labels)],
    Label: ['', ({ labels }, name) => labels[name as string] ?? ''],
    Links: ['LINKS', ({ users }) => users.length],
    CreatedAt: ['CREATED AT', ({ created }) => created],
  },
  columns: ['Driver', 'Name'],
  id: 'Name',
};

/** It reads records: no engine, no driver is loaded. */
export function defineVolumeList(command: Command, finish: Finish): void {
  const list = addListOptions(command.command('ls').alias('list').description('list volumes'));
  addFilterOption(list, FILTERS);
  list.action(async (_options: object, parsed: Command) => {
    const { root } = await readStatePaths(readGlobals(parsed, process.env));
    const filters = readFilters(parsed, FILTERS);
    const volumes = listVolumes(root, new Problems().report);
    await printList(
      volumes.filter((volume) => fitsVolume(volume, filters)),
      VOLUMES,
      readListOptions(parsed),
    );
    finish(0);
  });
}

/** One value of each key, and all labels, as docker does it. */
export function fitsVolume(volume: VolumeInfo, filters: Filters): boolean {
  const tests: Readonly<Record<string, (value: string) => boolean>> = {
    dangling: (value) => ['true', '1'].includes(value) === (volume.users.length === 0),
    driver: (value) => value === 'local',
    name: (value) => volume.name.includes(value),
    label: (value) => hasLabel(volume, value),
    'label!': (value) => !hasLabel(volume, value),
  };
  return Object.entries(filters).every(([key, values]) => {
    const test = tests[key] as (value: string) => boolean;
    return key.startsWith('label') ? values.every(test) : values.some(test);
  });
}

function hasLabel({ labels }: VolumeInfo, wanted: string): boolean {
  const at = wanted.indexOf('=');
  return at < 0 ? Object.hasOwn(labels, wanted) : labels[wanted.slice(0, at)] === wanted.slice(at + 1);
}
