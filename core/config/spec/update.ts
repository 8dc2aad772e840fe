import type { ResourceSpec, RestartSpec } from '../../plugin/spec.js';
import { parseRestart } from '../parse/life.js';
import type { RunKey, RunSettings } from '../run-options.js';
import { type Layer, Settings } from '../settings.js';
import { resolveLimits } from './resources.js';

/** What can be changed of a container that is there. */
export const UPDATE_KEYS = [
  'memory',
  'memorySwap',
  'memoryReservation',
  'cpus',
  'cpuShares',
  'cpusetCpus',
  'cpusetMems',
  'pidsLimit',
  'blkioWeight',
  'restart',
] as const satisfies readonly RunKey[];

/** Settings of `update`, unparsed: `{ memory: '256m' }`. */
export type UpdateSettings = Pick<RunSettings, (typeof UPDATE_KEYS)[number]>;

/** The same, parsed: what is left out stays as it is. */
export interface SpecUpdate {
  readonly resources: Omit<ResourceSpec, 'devices'>;
  readonly restart?: RestartSpec;
}

/** Parses what is to change. @throws TsboxError naming the place, the value and a fix */
export function resolveUpdate(layer: Layer & { readonly values: UpdateSettings }, cpus: number): SpecUpdate {
  const settings = new Settings([layer]);
  return { resources: resolveLimits(settings, cpus), ...settings.parsed('restart', 'restart', parseRestart) };
}
