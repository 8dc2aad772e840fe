import { TsboxError } from '../plugin/error.js';
import { CATALOGUE, DIAGNOSES } from './catalogue/index.js';
import type { Diagnosis, Failure, LaunchFacts } from './diagnosis.js';
import { factsOf } from './facts.js';
import { type HostLook, RealHostLook } from './look/host-look.js';

export { afterRun } from './after-run.js';
export { CODES } from './codes.js';
export type { ContainerFiles, Diagnosis, Failure, Finding, LaunchFacts } from './diagnosis.js';
export { examineHost, type HostPart } from './doctor.js';
export { type FailureRecord, latestFailure, type PlanLine } from './failure-record.js';
export { LayeredFiles } from './look/container-files.js';
export { writeFailure } from './record.js';
export { CATALOGUE };

/** A diagnosis by its id. */
export function findDiagnosis(id: string): Diagnosis | undefined {
  return DIAGNOSES.find((entry) => entry.id === id);
}

/** What a failure is, in the words of this case; undefined where nobody knows. Never throws. */
export function diagnose(failure: Failure): Diagnosis | undefined {
  for (const entry of DIAGNOSES) {
    const { match, ...diagnosis } = entry;
    try {
      const finding = match?.(failure);
      if (finding) return { ...diagnosis, ...finding };
    } catch {
      // A look at a host that is broken may fail; another diagnosis may still fit.
    }
  }
  return undefined;
}

/** Errors of these were put together out of an op or a step: a diagnosis says it better. */
const BARE = [
  'ERR_TSBOX_OP_FAILED',
  'ERR_TSBOX_STEP_FAILED',
  'ERR_TSBOX_CANNOT_EXECUTE',
  'ERR_TSBOX_COMMAND_NOT_FOUND',
];

/** The error with its explanation; the same where there is none, or where it brought its own. */
export function explained(error: TsboxError, launch?: LaunchFacts, host: HostLook = new RealHostLook()): TsboxError {
  if (error.diagnosis !== undefined) return error;
  const facts = factsOf(error);
  const diagnosis = facts && diagnose({ facts, host, ...(launch && { launch }) });
  if (!diagnosis) return error;
  const { code, what, cause = error } = error;
  const inItsWords = !BARE.includes(code) && error.fixes.length > 0;
  const why = inItsWords ? error.why : withEvidence(diagnosis.why, facts);
  const fix = inItsWords ? error.fixes : diagnosis.fix;
  const better = new TsboxError(code, { what, why, fix, cause, facts, diagnosis: diagnosis.id });
  better.undoErrors = error.undoErrors;
  if (error.stack !== undefined) better.stack = error.stack;
  return better;
}

/** The call and its errno stay in sight. */
function withEvidence(why: string, { action, errno }: NonNullable<TsboxError['facts']>): string {
  return errno === undefined ? why : `${why.replace(/\.$/, '')} (${action}: ${errno})`;
}
