import { readFileSync } from 'node:fs';
import { hasCode } from './error.js';

/** Linux builds know at most 8192 CPUs (CONFIG_NR_CPUS); a larger number is a slip, not a machine. */
const MAX_NUMBER = 8191;

/** CPUs and memory nodes that are online, by number. */
export interface Machine {
  readonly cpus: readonly number[];
  readonly memoryNodes: readonly number[];
}

/** Reads them from /sys; a kernel without NUMA has node 0. */
export function readMachine(): Machine {
  return {
    cpus: parseCpuList(readFileSync('/sys/devices/system/cpu/online', 'utf8').trim()),
    memoryNodes: parseCpuList(readOr('/sys/devices/system/node/online', '0').trim()),
  };
}

/** Parses the list format of cpuset(7), `0-2,4`, into ascending numbers. @throws RangeError */
export function parseCpuList(text: string): number[] {
  const numbers = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    if (!match) throw new RangeError(`${JSON.stringify(text)} is not a list of numbers and ranges such as 0-2,4`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first) throw new RangeError(`the range ${part} runs backwards`);
    if (last > MAX_NUMBER) throw new RangeError(`${last} is beyond ${MAX_NUMBER}`);
    for (let number = first; number <= last; number++) numbers.add(number);
  }
  return [...numbers].sort((a, b) => a - b);
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return otherwise;
    throw error;
  }
}
