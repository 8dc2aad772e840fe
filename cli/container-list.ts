import { basename } from 'node:path';
import type { ContainerSummary } from '../core/containers/summary.js';
import { formatLabels, type ListShape } from './format.js';
import { formatAge, formatBytes, formatDuration, formatTimestamp } from './human.js';
import { formatPorts } from './ports.js';

export interface ContainerListOptions {
  /** Ids and commands whole. */
  readonly whole: boolean;
  /** With the column SIZE. */
  readonly sizes: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const SHORT_ID = 12;
const LONGEST = 20;

/** `ps`, as docker shows it. */
export function containerList({ whole, sizes, now }: ContainerListOptions): ListShape<ContainerSummary> {
  const columns = ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names'];
  return {
    fields: {
      ID: ['CONTAINER ID', ({ id }) => (whole ? id : id.slice(0, SHORT_ID))],
      Names: ['NAMES', ({ name }) => name],
      Image: ['IMAGE', ({ image }) => image],
      Command: ['COMMAND', ({ command }) => formatCommand(command, whole)],
      CreatedAt: ['CREATED AT', ({ created }) => formatTimestamp(created)],
      RunningFor: ['CREATED', ({ created }) => formatAge(now - Date.parse(created))],
      Ports: ['PORTS', ({ ports }) => formatPorts(ports)],
      State: ['STATE', ({ state }) => state],
      Status: ['STATUS', (container) => formatStatus(container, now)],
      Size: ['SIZE', formatSize],
      Labels: ['LABELS', ({ labels }) => formatLabels(labels)],
      Label: ['', ({ labels }, name) => labels[name as string] ?? ''],
      Mounts: [
        'MOUNTS',
        ({ mounts }) => mounts.map(({ source }) => shorten(basename(source) || source, whole)).join(','),
      ],
      LocalVolumes: [
        'LOCAL VOLUMES',
        ({ mounts }) => String(mounts.filter(({ source }) => !source.startsWith('/')).length),
      ],
      Networks: ['NETWORKS', ({ networks }) => networks.join(',')],
    },
    columns: sizes ? [...columns, 'Size'] : columns,
    id: 'ID',
  };
}

/** `Up 2 seconds (Paused)`, `Exited (137) 3 seconds ago`. */
export function formatStatus(container: ContainerSummary, now: number): string {
  const { state, exitCode = 0 } = container;
  const ended = container.finished === undefined ? '' : ` ${formatAge(now - Date.parse(container.finished))}`;
  switch (state) {
    case 'created':
      return 'Created';
    case 'creating':
      return 'Creating';
    case 'removing':
      return 'Removal In Progress';
    case 'restarting':
      return `Restarting (${exitCode})${ended}`;
    case 'exited':
      return `Exited (${exitCode})${ended}`;
    case 'running':
    case 'paused':
      return `Up ${formatDuration(now - Date.parse(container.started ?? container.created))}${state === 'paused' ? ' (Paused)' : ''}`;
  }
}

/** Quoted; an argument with a space is in quotes of its own, as docker has it. */
function formatCommand(command: readonly string[], whole: boolean): string {
  let text = command[0] ?? '';
  for (let index = 1; index < command.length && (whole || text.length <= LONGEST); index++) {
    const word = command[index] as string;
    text += word.includes(' ') ? ` '${word}'` : ` ${word}`;
  }
  return JSON.stringify(shorten(text, whole));
}

function shorten(text: string, whole: boolean): string {
  return whole || text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}

function formatSize({ size }: ContainerSummary): string {
  return size ? `${formatBytes(size.written)} (virtual ${formatBytes(size.total)})` : '';
}
