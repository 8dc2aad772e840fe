import type { CatalogueEntry } from '../diagnosis.js';
import { CGROUP } from './cgroup.js';
import { COMMAND } from './command.js';
import { LIMITS } from './limits.js';
import { NETWORK } from './network.js';
import { PROGRAM } from './program.js';
import { STATE } from './state.js';
import { STORAGE } from './storage.js';
import { USERNS } from './userns.js';

/** Every diagnosis there is, by the part of tsbox that it is about. The first that matches is taken. */
export const CATALOGUE: Readonly<Record<string, readonly CatalogueEntry[]>> = {
  'The command': [...COMMAND, ...PROGRAM],
  'User namespaces': USERNS,
  Storage: STORAGE,
  Limits: LIMITS,
  Cgroups: CGROUP,
  Network: NETWORK,
  'Images and state': STATE,
};

export const DIAGNOSES: readonly CatalogueEntry[] = Object.values(CATALOGUE).flat();
