/** Environments: what config files say under `environments`, resolved into services that can be started. */
export type {
  Condition,
  Origin,
  Readiness,
  ResolvedEnvironment,
  ResolvedSecret,
  ResolvedService,
} from './types.js';
