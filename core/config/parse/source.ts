import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { TsboxError } from '../../plugin/error.js';
import { badValue, errorPlaces, type Found, placeName } from '../place.js';

/** A path of the host that is to be bound; relative to where it was written. It must be there. */
export function parseSource(found: Found<string>, source: string): string {
  if (source === '') throw badValue(found, 'the path on the host is empty');
  const path = resolve(found.place.directory, source);
  if (statSync(path, { throwIfNoEntry: false })) return path;
  const error = new TsboxError(found.place.kind === 'flag' ? 'ERR_TSBOX_USAGE' : 'ERR_TSBOX_CONFIG', {
    what: `cannot bind ${JSON.stringify(path)} (${placeName(found.place)})`,
    why: 'there is no such path on the host',
    fix: `mkdir -p ${shellWord(path)}`,
  });
  errorPlaces.set(error, found.place);
  throw error;
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
