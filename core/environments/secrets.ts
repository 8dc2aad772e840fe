import { parseSecret, secretField } from '../config/parse/secret.js';
import type { Found, Place } from '../config/place.js';
import { TsboxError } from '../plugin/error.js';
import type { Contribution } from './contributions.js';
import type { Origins } from './origins.js';
import { refusal } from './refusal.js';
import type { ResolvedSecret } from './types.js';

/** The secrets of a service, the nearest of each name. @throws TsboxError with file and line */
export async function resolveSecrets(
  contributions: readonly Contribution[],
  origins: Origins,
): Promise<readonly ResolvedSecret[]> {
  const secrets: ResolvedSecret[] = [];
  for (const contribution of contributions) {
    if (!contribution.key.startsWith('secrets.')) continue;
    const name = contribution.key.slice('secrets.'.length);
    if (secrets.some((secret) => secret.name === name)) continue;
    secrets.push({ ...(await read(name, contribution)), origin: await origins.of(contribution) });
  }
  return secrets;
}

/** Both ways of writing it are those of `--secret`. */
async function read(name: string, { value, source, path }: Contribution): Promise<Omit<ResolvedSecret, 'origin'>> {
  const { file = '', directory } = source;
  const place: Place = { kind: 'file', key: name, file, directory, section: path.slice(0, -1).map(String) };
  const found: Found<string> = { value: secretField(name, value), place, distance: 0 };
  try {
    return parseSecret(found);
  } catch (error) {
    if (!(error instanceof TsboxError)) throw error;
    const { why, fixes } = error;
    throw await refusal(`cannot use the secret ${JSON.stringify(name)}`, { file, path, why, fix: fixes, cause: error });
  }
}
