import { nearest } from '../plugin/nearest.js';
import { ENVIRONMENT_KEYS, READINESS_KEYS, SECRET_KEYS, SERVICE_KEYS } from './environment-schema.js';
import { RUN_KEYS } from './run-options.js';

/** The keys that may stand at a place of a config file. */
export interface KnownKeys {
  readonly kind: 'config' | 'run' | 'environment' | 'service' | 'secret' | 'ready';
  readonly keys: readonly string[];
  readonly why: string;
}

/** @param path of the object, from the top of a config file */
export function knownKeys(path: readonly (string | number)[]): KnownKeys | KnownKeysOfConfig {
  const [first, , third] = path;
  const last = path.at(-1);
  const beforeLast = path.at(-2);
  if (first === 'run') return { kind: 'run', keys: RUN_KEYS, why: 'there is no such setting of run' };
  if (first !== 'environments' || path.length < 2) return { kind: 'config', why: 'there is no such setting' };
  if (path.length > 2 && beforeLast === 'secrets')
    return { kind: 'secret', keys: SECRET_KEYS, why: 'a secret has no such key' };
  if (path.length > 2 && last === 'ready' && beforeLast !== 'services')
    return { kind: 'ready', keys: READINESS_KEYS, why: 'readiness has no such key' };
  if (third === 'services') return { kind: 'service', keys: SERVICE_KEYS, why: 'a service has no such key' };
  return { kind: 'environment', keys: ENVIRONMENT_KEYS, why: 'an environment has no such key' };
}

/** Those of the whole file, which its schema knows. */
export interface KnownKeysOfConfig {
  readonly kind: 'config';
  readonly keys?: undefined;
  readonly why: string;
}

interface AllKeys {
  readonly config: readonly string[];
  readonly environment: readonly string[];
  readonly service: readonly string[];
}

/** What whoever wrote an unknown key has meant, as a fix. */
export function meantKey(key: string, { kind, keys }: KnownKeys | KnownKeysOfConfig, all: AllKeys): string {
  const known = keys ?? all.config;
  if (kind === 'config' && (RUN_KEYS as readonly string[]).includes(key))
    return `a default for run goes into "run": { "${key}": … }`;
  if (kind === 'run' && all.config.includes(key)) return `"${key}" stands beside "run", not in it`;
  if (kind === 'environment' && all.service.includes(key))
    return `"${key}" is a key of a service: services.NAME.${key}`;
  if (kind === 'service' && all.environment.includes(key)) return `"${key}" stands beside "services", not in one`;
  const meant = nearest(key, known);
  return meant ? `did you mean "${meant}"?` : `known keys: ${known.join(', ')}`;
}
