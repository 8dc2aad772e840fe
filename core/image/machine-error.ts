import { hasCode } from '../kernel/error.js';
import { TsboxError } from '../plugin/error.js';

/** A failure of this machine while something is written below `root`, as the user should see it. */
export function explainMachineError(what: string, root: string, error: unknown): unknown {
  if (error instanceof TsboxError || !(error instanceof Error && 'code' in error)) return error;
  return new TsboxError('ERR_TSBOX_STEP_FAILED', { what, why: error.message, fix: fixFor(error, root), cause: error });
}

function fixFor(error: Error, root: string): string[] {
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) return [`make room in ${root}, or choose another place with --root`];
  if (hasCode(error, 'EROFS', 'EACCES', 'EPERM'))
    return [`${root} must be writable, or choose another place with --root`];
  return [];
}
