import { Positions } from '../config/positions/index.js';
import { TsboxError } from '../plugin/error.js';

/** What is wrong in a config file. */
export interface Wrong {
  readonly file: string;
  /** Keys that lead to it. */
  readonly path: readonly (string | number)[];
  readonly why: string;
  readonly fix?: string | readonly string[];
  readonly cause?: unknown;
}

/** The error for it, with its line. */
export async function refusal(what: string, { file, path, why, fix, cause }: Wrong): Promise<TsboxError> {
  const position = await new Positions().of(file, path);
  const place = position ? `${file}:${position.line}` : file;
  const about = path.length > 0 ? ` (${path.join('.')} in ${place})` : ` (${place})`;
  return new TsboxError('ERR_TSBOX_CONFIG', {
    what: `${what}${about}`,
    why,
    ...(fix !== undefined && { fix }),
    ...(cause !== undefined && { cause }),
  });
}
