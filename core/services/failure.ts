import type { Engine } from '../engine/index.js';
import { TsboxError } from '../plugin/error.js';
import { lastLines } from './last-lines.js';

/** A service that does not do what others wait for: named, with what it wrote last. */
export async function serviceFailed(
  engine: Engine,
  service: string,
  id: string,
  why: string,
  fix: string | readonly string[] = [],
): Promise<TsboxError> {
  const lines = await lastLines(engine.paths, id);
  const said =
    lines.length > 0 ? ['; it wrote last', ...lines.map((line) => `    ${line}`)].join('\n') : '; it wrote nothing';
  return new TsboxError('ERR_TSBOX_SERVICE_FAILED', { what: `service "${service}" failed`, why: `${why}${said}`, fix });
}

/** An error of the engine, with the service that it is about. */
export function inService(service: string, error: unknown): unknown {
  if (!(error instanceof TsboxError)) return error;
  const { code, what, why, fixes, undoErrors } = error;
  const named = new TsboxError(code, { what: `service "${service}": ${what}`, why, fix: fixes, cause: error });
  named.undoErrors = undoErrors;
  return named;
}
