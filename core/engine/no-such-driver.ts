import { TsboxError } from '../plugin/error.js';
import { nearest } from '../plugin/nearest.js';
import type { DriverKind } from '../plugin/spec.js';

/** @param known those there are, in their order */
export function noSuchDriver(kind: DriverKind, name: string, known: readonly string[]): TsboxError {
  const near = nearest(name, known);
  const flag = kind === 'log' ? 'log-driver' : kind;
  return new TsboxError('ERR_TSBOX_NO_SUCH_DRIVER', {
    what: `cannot use ${kind} "${name}"`,
    why: `there is no ${kind} driver of that name; there are ${known.join(', ')}`,
    fix: [...(near ? [`did you mean --${flag}=${near}?`] : []), `--${flag}=${known[0]}`],
  });
}
