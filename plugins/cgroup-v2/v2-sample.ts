import { existsSync } from 'node:fs';
import {
  counterOf,
  type ResourceSample,
  readLimit,
  readNumber,
  readText,
  withoutInactive,
} from '../../core/plugin/index.js';

const NS_PER_US = 1000;

/** What a container uses, as cgroup v2 counts it. @param directory its cgroup */
export function readV2Sample(directory: string): ResourceSample {
  return { ...cpuSample(directory), ...memorySample(directory), ...pidsSample(directory), ...ioSample(directory) };
}

function cpuSample(directory: string): Pick<ResourceSample, 'cpu'> {
  const text = readText(`${directory}/cpu.stat`);
  if (text === '') return {};
  return {
    cpu: {
      usageNs: counterOf(text, 'usage_usec') * NS_PER_US,
      throttledPeriods: counterOf(text, 'nr_throttled'),
      throttledNs: counterOf(text, 'throttled_usec') * NS_PER_US,
    },
  };
}

function memorySample(directory: string): Pick<ResourceSample, 'memory'> {
  const usage = readNumber(`${directory}/memory.current`);
  if (usage === undefined) return {};
  const inactive = counterOf(readText(`${directory}/memory.stat`), 'inactive_file');
  const limit = readLimit(`${directory}/memory.max`);
  return { memory: { usage: withoutInactive(usage, inactive), ...(limit !== undefined && { limit }) } };
}

function pidsSample(directory: string): Pick<ResourceSample, 'pids'> {
  const current = readNumber(`${directory}/pids.current`);
  const limit = readLimit(`${directory}/pids.max`);
  return current === undefined ? {} : { pids: { current, ...(limit !== undefined && { limit }) } };
}

/** Empty until something was read or written, and absent without the controller. */
function ioSample(directory: string): Pick<ResourceSample, 'io'> {
  return existsSync(`${directory}/io.stat`) ? { io: parseIoStat(readText(`${directory}/io.stat`)) } : {};
}

/** Lines `8:0 rbytes=4096 wbytes=0 rios=1 …`, one for each device. */
export function parseIoStat(text: string): { read: number; written: number } {
  const sum = (key: string) =>
    [...text.matchAll(new RegExp(`\\b${key}=(\\d+)`, 'g'))].reduce((total, [, bytes]) => total + Number(bytes), 0);
  return { read: sum('rbytes'), written: sum('wbytes') };
}
