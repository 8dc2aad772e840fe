import type * as z from 'zod/mini';
import { TsboxError } from '../plugin/error.js';
import { ENVIRONMENT_KEYS, type EnvironmentConfig, environmentSchema, SERVICE_KEYS } from './environment-schema.js';
import { knownKeys, meantKey } from './known-keys.js';
import { CONFIG_KEYS, configSchema, type TsboxConfig } from './schema.js';

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

/** Checks what was read from a file. @throws TsboxError naming file, line, key and the nearest known key */
export async function checkConfig(value: unknown, file: string): Promise<TsboxConfig> {
  await check(value, file, configSchema, []);
  return value as TsboxConfig;
}

/** Checks a file that is one environment and nothing else. @throws TsboxError as for a config file */
export async function checkEnvironment(value: unknown, file: string): Promise<EnvironmentConfig> {
  await check(value, file, environmentSchema, ['environments', '']);
  return value as EnvironmentConfig;
}

/** @param above where the value would stand in a whole config file */
async function check(value: unknown, file: string, schema: z.ZodMiniType, above: Path): Promise<void> {
  const result = schema.safeParse(value);
  if (result.success) return;
  const issues = result.error.issues.map(innermost);
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  const issue = unknown ?? (issues[0] as Issue);
  const path = issue.path as Path;
  if (!unknown) throw wrongShape(issue, value, await placed(file, path));
  const key = unknown.keys[0] as string;
  throw unknownKey(key, path, above, await placed(file, [...path, key]));
}

/** An object that is one of several possible things, and has a key too many, is meant to be that object. */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const unknown = issue.errors.flat().find((inner) => inner.code === 'unrecognized_keys');
  return unknown ? ({ ...unknown, path: [...issue.path, ...unknown.path] } as Issue) : issue;
}

/** `FILE:LINE`: looked up only for a file that is refused. */
async function placed(file: string, path: Path): Promise<string> {
  const { Positions } = await import('./positions/index.js');
  const position = await new Positions().of(file, path);
  return position ? `${file}:${position.line}` : file;
}

function unknownKey(key: string, path: Path, above: Path, place: string): TsboxError {
  const known = knownKeys([...above, ...path]);
  return new TsboxError('ERR_TSBOX_CONFIG', {
    what: `unknown key "${[...path, key].join('.')}" in ${place}`,
    why: known.why,
    fix: meantKey(key, known, { config: CONFIG_KEYS, environment: ENVIRONMENT_KEYS, service: SERVICE_KEYS }),
  });
}

function wrongShape(issue: Issue, value: unknown, place: string): TsboxError {
  const where = issue.path.length > 0 ? issue.path.join('.') : 'the whole';
  return new TsboxError('ERR_TSBOX_CONFIG', {
    what: `wrong value for "${where}" in ${place}`,
    why: `${shown(valueAt(value, issue.path))} is not ${expected(issue)}`,
    fix: 'the file dist/schema.json of the package lists every key and its values',
  });
}

function expected(issue: Issue): string {
  if (issue.code === 'invalid_type')
    return issue.expected === 'array' ? 'a list' : `${issue.expected === 'object' ? 'an' : 'a'} ${issue.expected}`;
  if (issue.code === 'invalid_value') return issue.values.map((word) => JSON.stringify(word)).join(' or ');
  if (issue.code === 'invalid_union') return alternatives(issue);
  return issue.message;
}

function alternatives(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const names = issue.errors.flat().map((inner) => expected(inner as Issue));
  return [...new Set(names)].join(' or ');
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
