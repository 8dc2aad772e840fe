import { TsboxError } from '../plugin/error.js';
import { errorPlaces } from './place.js';
import { Positions } from './positions/index.js';

/** The same error with the line of the value that it is about, where that is in a file. */
export async function withLine(error: unknown): Promise<unknown> {
  const place = error instanceof TsboxError ? errorPlaces.get(error) : undefined;
  if (!(error instanceof TsboxError) || place?.file === undefined) return error;
  const { file, key, section = ['run'] } = place;
  const positions = new Positions();
  // A driver may stand beside `run`.
  const inSection = await positions.of(file, [...section, key]);
  const position = inSection?.exact ? inSection : await positions.of(file, [key]);
  const found = position?.exact ? position : inSection;
  if (!found || !error.what.includes(file)) return error;
  const what = error.what.replace(file, `${file}:${found.line}`);
  const { code, why, fixes: fix } = error;
  return new TsboxError(code, { what, why, fix, cause: error });
}
