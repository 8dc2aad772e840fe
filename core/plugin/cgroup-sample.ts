import { readCgroupFileIfThere } from '../kernel/cgroup-file.js';

/** cgroup v1 has no word for "no limit": it shows the largest number of whole pages. */
const ENDLESS = 2 ** 60;

/** The text of a file; empty where it is not there, or has no path. */
export function readText(path: string | undefined): string {
  return (path !== undefined && readCgroupFileIfThere(path)) || '';
}

/** A file that holds one number; undefined where it is not there. */
export function readNumber(path: string | undefined): number | undefined {
  const text = readText(path);
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** A file that holds a limit; undefined where there is none. */
export function readLimit(path: string | undefined): number | undefined {
  const limit = readNumber(path);
  return limit === undefined || limit >= ENDLESS ? undefined : limit;
}

/** One of the counters of a file with lines `name number`; 0 where it is not there. */
export function counterOf(text: string, name: string): number {
  for (const line of text.split('\n')) {
    const [key, value] = line.split(' ');
    if (key === name) return Number(value);
  }
  return 0;
}

/** What a process uses beside what the kernel gives up first, as every container engine counts it. */
export function withoutInactive(usage: number, inactiveFile: number): number {
  return inactiveFile < usage ? usage - inactiveFile : usage;
}
