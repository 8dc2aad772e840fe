import type { SecretSpec } from '../../plugin/spec.js';
import { type ParsedSecret, parseSecret } from '../parse/secret.js';
import { badValue } from '../place.js';
import type { Settings } from '../settings.js';

export interface ResolvedSecrets {
  readonly secrets: readonly SecretSpec[];
  /** `K=V`: where they are. */
  readonly env: readonly string[];
}

/** All secrets; of one name the nearest. */
export function resolveSecrets(settings: Settings): ResolvedSecrets {
  const byName = new Map<string, ParsedSecret>();
  const targets = new Map<string, string>();
  const given = settings.all('secret').map((found) => ({ found, secret: parseSecret(found) }));
  for (const { secret } of given) byName.set(secret.name, secret);
  for (const { found, secret } of given) {
    if (byName.get(secret.name) !== secret) continue;
    const other = targets.get(secret.target);
    if (other !== undefined)
      throw badValue(found, `${secret.target} is that of the secret ${JSON.stringify(other)} too`);
    targets.set(secret.target, secret.name);
  }
  const all = [...byName.values()];
  return {
    secrets: all.map(({ name, file, target, mode }) => ({ name, file, target, mode })),
    env: all.flatMap(({ env, target }) => (env === undefined ? [] : [`${env}=${target}`])),
  };
}
