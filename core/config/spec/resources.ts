import { TsboxError } from '../../plugin/error.js';
import type { ResourceSpec } from '../../plugin/spec.js';
import { parseDevice } from '../parse/device.js';
import { parseCpus, parseCpuset, parseInteger } from '../parse/number.js';
import { parseSize } from '../parse/size.js';
import type { Found } from '../place.js';
import { conflict, type Settings } from '../settings.js';

const LARGEST_PIDS = 2 ** 31 - 1;

/** Limits, as docker means them. @param cpus what the machine has */
export function resolveResources(settings: Settings, cpus: number): ResourceSpec {
  const limits = { ...resolveLimits(settings, cpus), devices: settings.all('device').map(parseDevice) };
  checkMemory(settings, limits);
  return limits;
}

/** Those that were given, each for itself: `update` knows what they are together with those that a container has. */
export function resolveLimits(settings: Settings, cpus: number): Omit<ResourceSpec, 'devices'> {
  return {
    ...settings.parsed('memory', 'memory', parseSize),
    ...settings.parsed('memorySwap', 'memorySwap', parseSwap),
    ...settings.parsed('memoryReservation', 'memoryReservation', parseSize),
    ...settings.parsed('cpus', 'cpus', (found) => parseCpus(found, cpus)),
    ...settings.parsed('cpuShares', 'cpuShares', (found) => parseInteger(found, 2, 262_144)),
    ...settings.parsed('cpusetCpus', 'cpusetCpus', parseCpuset),
    ...settings.parsed('cpusetMems', 'cpusetMems', parseCpuset),
    ...settings.parsed('pidsLimit', 'pidsLimit', (found) => parseInteger(found, -1, LARGEST_PIDS)),
    ...settings.parsed('blkioWeight', 'blkioWeight', (found) => parseInteger(found, 10, 1000)),
  };
}

function parseSwap(found: Found<string>): number {
  return found.value === '-1' ? -1 : parseSize(found);
}

function checkMemory(settings: Settings, limits: ResourceSpec): void {
  const swap = settings.one('memorySwap');
  const memory = settings.one('memory');
  const reservation = settings.one('memoryReservation');
  if (swap && !memory) throw swapAlone(swap);
  if (!memory || limits.memory === undefined) return;
  if (swap && limits.memorySwap !== -1 && (limits.memorySwap ?? 0) < limits.memory) {
    throw conflict(
      swap,
      memory,
      'the first is memory and swap together, so it is not the smaller one',
      `--memory-swap=${memory.value}`,
    );
  }
  if (reservation && (limits.memoryReservation ?? 0) > limits.memory) {
    throw conflict(reservation, memory, 'the soft limit is above the hard one', `--memory-reservation=${memory.value}`);
  }
}

function swapAlone(swap: Found<string>): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: 'cannot limit swap',
    why: 'it is memory and swap together, and the memory has no limit',
    fix: `--memory=${swap.value === '-1' ? '256m' : swap.value} --memory-swap=${swap.value}`,
  });
}
