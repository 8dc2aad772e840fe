import type { RunSettings } from '../../../core/config/run-options.js';

export interface Combination {
  readonly name: string;
  readonly values: RunSettings;
  /** Which errno meets which point: another for the same point in each. */
  readonly turn: number;
}

const resources = 'cgroup-v1';

/** The kinds of container that faults are tried on. */
export const COMBINATIONS: readonly Combination[] = [
  { name: 'copy and no network', values: { storage: 'copy', network: 'none', resources }, turn: 0 },
  { name: 'copy and bridge', values: { storage: 'copy', network: 'bridge', resources }, turn: 1 },
  { name: 'overlay and no network', values: { storage: 'overlay', network: 'none', resources }, turn: 3 },
  { name: 'overlay and bridge', values: { storage: 'overlay', network: 'bridge', resources }, turn: 2 },
];
