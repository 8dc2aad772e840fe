import { readFileSync, realpathSync } from 'node:fs';
import { arch, cpus, loadavg, release, totalmem } from 'node:os';
import { readCgroupLayout } from '../core/kernel/cgroup.js';
import type { HostFacts } from './report.js';

/** What of a host changes the numbers. @param directory the state's: its file system is meant */
export function readHostFacts(directory: string): Omit<HostFacts, 'load'> {
  const [cpu] = cpus();
  return {
    kernel: release(),
    architecture: arch(),
    node: process.version,
    cpu: cpu?.model.trim() || 'unknown',
    cpus: cpus().length,
    memory: totalmem(),
    fileSystem: fileSystemOf(directory),
    cgroups: readCgroupLayout().mode,
  };
}

/** The 1 minute load average. */
export function readLoad(): number {
  return loadavg()[0] as number;
}

/** `ext4`: the type of the mount that a path is on. */
export function fileSystemOf(path: string): string {
  const own = realpathSync(path);
  let best = { target: '', type: 'unknown' };
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const target = unescaped(before.split(' ')[4] ?? '');
    // Of two at one place the later one hides the earlier.
    if (isBelow(own, target) && target.length >= best.target.length)
      best = { target, type: after.split(' ')[0] as string };
  }
  return best.type;
}

function isBelow(path: string, directory: string): boolean {
  return path === directory || directory === '/' || path.startsWith(`${directory}/`);
}

/** The kernel writes a space as `\040`. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8)));
}
