import { type Host, hasCode, type Name, TsboxError, textOf } from '../../core/plugin/index.js';

/** The error of a copy, with the file's name in it. The innermost name stays. */
export function copyFailed(error: unknown, path: Name, host: Host): TsboxError {
  if (error instanceof TsboxError) return error;
  return new TsboxError('ERR_TSBOX_STEP_FAILED', {
    what: `cannot copy /${textOf(path)} of the image`,
    why: error instanceof Error ? error.message : String(error),
    fix: fixFor(error, host),
    cause: error,
  });
}

function fixFor(error: unknown, host: Host): string {
  if (hasCode(error, 'ENOSPC', 'EDQUOT'))
    return 'make room where the containers are, choose another place with --root, or use --storage=overlay';
  if (!host.privileged && hasCode(error, 'EPERM'))
    return 'an ordinary user cannot make devices: run tsbox as root, or use --storage=overlay';
  if (hasCode(error, 'EACCES')) return 'make the file readable, or run tsbox as root';
  return 'use --storage=overlay, which copies nothing';
}
