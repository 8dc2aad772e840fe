import { TsboxError } from '../plugin/error.js';

/** @param verb what is about to be done */
export function notRunning(reference: string, verb: string, state: string): TsboxError {
  return new TsboxError('ERR_TSBOX_CONTAINER_STATE', {
    what: `cannot ${verb} container ${reference}`,
    why: `it is not running (${state})`,
    fix: `tsbox start ${reference}`,
  });
}
