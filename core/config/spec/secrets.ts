import { TsboxError } from '../../plugin/error.js';
import type { SecretSpec } from '../../plugin/spec.js';
import { type ParsedSecret, parseSecret } from '../parse/secret.js';
import { badValue, type Found } from '../place.js';
import type { Settings } from '../settings.js';

export interface ResolvedSecrets {
  readonly secrets: readonly SecretSpec[];
  /** `K=V`: where they are. */
  readonly env: readonly string[];
}

/**
 * All secrets; of one name the nearest.
 * @param of the environment's service: nearer than files, farther than flags
 */
export function resolveSecrets(settings: Settings, of: readonly ParsedSecret[]): ResolvedSecrets {
  const given = settings.all('secret').map((found) => ({ found, secret: parseSecret(found) }));
  const isFile = ({ found }: { readonly found: Found<string> }) => found.place.kind === 'file';
  const inOrder: readonly { readonly secret: ParsedSecret; readonly found?: Found<string> }[] = [
    ...given.filter(isFile),
    ...of.map((secret) => ({ secret })),
    ...given.filter((one) => !isFile(one)),
  ];
  const all = [...new Map(inOrder.map((one) => [one.secret.name, one])).values()];
  refuseSameTarget(all);
  return {
    secrets: all.map(({ secret: { name, file, target, mode } }) => ({ name, file, target, mode })),
    env: all.flatMap(({ secret: { env, target } }) => (env === undefined ? [] : [`${env}=${target}`])),
  };
}

function refuseSameTarget(all: readonly { readonly secret: ParsedSecret; readonly found?: Found<string> }[]): void {
  const names = new Map<string, string>();
  for (const { secret, found } of all) {
    const { name, target } = secret;
    const other = names.get(target);
    names.set(target, name);
    if (other === undefined) continue;
    const why = `${target} is that of the secret ${JSON.stringify(other)} too`;
    if (found) throw badValue(found, why);
    throw new TsboxError('ERR_TSBOX_INVALID_SPEC', { what: `cannot use the secret ${JSON.stringify(name)}`, why });
  }
}
