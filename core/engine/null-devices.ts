import { fstatSync } from 'node:fs';
import { hasCode } from '../kernel/error.js';
import { deviceNumber } from '../kernel/fcntl.js';
import type { StdioOption, StdioOptions } from './stdio.js';

const NULL_DEVICE = deviceNumber(1, 3);

/** Which of a child's 0, 1 and 2 are the host's /dev/null. */
export function nullDevices(fds: readonly [number, number, number]): number[] {
  return [0, 1, 2].filter((fd) => isNullDevice(fds[fd] as number));
}

/** The same, before the descriptors are made. */
export function futureNullDevices(options: StdioOptions): number[] {
  const [stdin, stdout, stderr] = Array.isArray(options) ? options : [options, options, options];
  return [stdin, stdout, stderr].flatMap((option: StdioOption, fd) => (willBeNull(option, fd) ? [fd] : []));
}

function willBeNull(option: StdioOption, fd: number): boolean {
  if (option === 'pipe') return false;
  return option === 'ignore' || isNullDevice(option === 'inherit' ? fd : option);
}

function isNullDevice(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isCharacterDevice() && stat.rdev === NULL_DEVICE;
  } catch (error) {
    // A caller may have closed one of its own.
    if (hasCode(error, 'EBADF')) return false;
    throw error;
  }
}
