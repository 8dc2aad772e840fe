import type { ContainerStats } from '../core/containers/stats.js';
import type { ListShape } from './format.js';
import { formatBytes } from './human.js';

const SHORT_ID = 12;
/** What is not known, as docker shows it. */
const UNKNOWN = '--';

/** `stats`, as docker shows it. @param whole ids whole */
export function statsList(whole: boolean): ListShape<ContainerStats> {
  const id = (container: ContainerStats) => (whole ? container.id : container.id.slice(0, SHORT_ID));
  return {
    fields: {
      Container: ['CONTAINER', id],
      ID: ['CONTAINER ID', id],
      Name: ['NAME', ({ name }) => name],
      CPUPerc: ['CPU %', (container) => percent(container, container.cpuPercent)],
      MemUsage: ['MEM USAGE / LIMIT', formatMemory],
      MemPerc: ['MEM %', (container) => percent(container, memoryPercent(container))],
      NetIO: [
        'NET I/O',
        ({ network }) => `${formatBytes(network?.received ?? 0)} / ${formatBytes(network?.sent ?? 0)}`,
      ],
      BlockIO: ['BLOCK I/O', formatBlockIo],
      PIDs: ['PIDS', (container) => (isUp(container) ? (container.pids?.current ?? UNKNOWN) : 0)],
    },
    columns: ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'],
  };
}

/** `1.234MiB`: four digits, units of 1024. */
export function formatBinaryBytes(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < names.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${Number(size.toPrecision(4))}${names[unit]}`;
}

/** One that does not run uses nothing; of one that runs something may not be known. */
function isUp({ state }: ContainerStats): boolean {
  return state === 'running' || state === 'paused';
}

function percent(container: ContainerStats, value: number | undefined): string {
  if (value === undefined && isUp(container)) return UNKNOWN;
  return `${(value ?? 0).toFixed(2)}%`;
}

function memoryPercent({ memory, memoryAvailable }: ContainerStats): number | undefined {
  return memory && (memory.usage / memoryAvailable) * 100;
}

function formatMemory(container: ContainerStats): string {
  const { memory, memoryAvailable } = container;
  if (!isUp(container)) return '0B / 0B';
  return memory
    ? `${formatBinaryBytes(memory.usage)} / ${formatBinaryBytes(memoryAvailable)}`
    : `${UNKNOWN} / ${UNKNOWN}`;
}

function formatBlockIo(container: ContainerStats): string {
  const { io } = container;
  if (!io && isUp(container)) return `${UNKNOWN} / ${UNKNOWN}`;
  return `${formatBytes(io?.read ?? 0)} / ${formatBytes(io?.written ?? 0)}`;
}
