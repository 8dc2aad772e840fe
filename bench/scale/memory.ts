import { readFileSync } from 'node:fs';

/** KiB that the kernel could give to programs. */
export function availableMemory(): number {
  return numberIn(readFileSync('/proc/meminfo', 'utf8'), 'MemAvailable');
}

/** KiB of a process, its share of what it shares with others counted once: proc(5), smaps_rollup. */
export function memoryOf(pid: number): number {
  return numberIn(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss');
}

export function parentOf(pid: number): number {
  return numberIn(readFileSync(`/proc/${pid}/status`, 'utf8'), 'PPid');
}

function numberIn(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1]);
}
