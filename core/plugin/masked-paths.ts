import { existsSync, readdirSync, statSync } from 'node:fs';

/** What tells about the machine, or reaches its hardware. Nothing is known to be both file and directory. */
export const MASKED_FILES = [
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/timer_list',
  '/proc/timer_stats',
] as const;

export const MASKED_DIRECTORIES = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/scsi',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
  '/sys/fs/selinux',
] as const;

/** What configures the machine, and not the container's namespaces alone. */
export const READ_ONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'] as const;

const CPUS = '/sys/devices/system/cpu';

let known: { readonly links: number; readonly directories: string[] } | undefined;

/** Counters that tell what else the machine is doing; only some CPUs have them. */
export function throttleDirectories(): string[] {
  // A CPU that comes or goes is a directory more or less, which the number of links counts.
  const links = statSync(CPUS, { throwIfNoEntry: false })?.nlink ?? 0;
  if (known?.links !== links) known = { links, directories: findThrottleDirectories() };
  return known.directories;
}

function findThrottleDirectories(): string[] {
  if (!existsSync(CPUS)) return [];
  const cpus = readdirSync(CPUS).filter((name) => /^cpu\d+$/.test(name));
  const directories = cpus.map((name) => `${CPUS}/${name}/thermal_throttle`);
  return directories.some((path) => existsSync(path)) ? directories : [];
}
