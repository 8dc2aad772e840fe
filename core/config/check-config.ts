import type * as z from 'zod/mini';
import { TsboxError } from '../plugin/error.js';
import { nearest } from '../plugin/nearest.js';
import { RUN_KEYS } from './run-options.js';
import { CONFIG_KEYS, configSchema, type TsboxConfig } from './schema.js';

type Issue = z.core.$ZodIssue;

/** Checks what was read from a file. @throws TsboxError naming file, key and the nearest known key */
export function checkConfig(value: unknown, file: string): TsboxConfig {
  const result = configSchema.safeParse(value);
  if (result.success) return value as TsboxConfig;
  const issues = result.error.issues;
  const unknown = issues.find((issue) => issue.code === 'unrecognized_keys');
  throw unknown
    ? unknownKey(unknown.keys[0] as string, unknown.path, file)
    : wrongShape(issues[0] as Issue, value, file);
}

function unknownKey(key: string, path: readonly PropertyKey[], file: string): TsboxError {
  const inRun = path[0] === 'run';
  return new TsboxError('ERR_TSBOX_CONFIG', {
    what: `unknown key "${[...path, key].join('.')}" in ${file}`,
    why: inRun ? 'there is no such setting of run' : 'there is no such setting',
    fix: meantKey(key, inRun),
  });
}

function meantKey(key: string, inRun: boolean): string {
  const runKeys: readonly string[] = RUN_KEYS;
  if (!inRun && runKeys.includes(key)) return `a default for run goes into "run": { "${key}": … }`;
  if (inRun && !runKeys.includes(key) && CONFIG_KEYS.includes(key)) return `"${key}" stands beside "run", not in it`;
  const meant = nearest(key, inRun ? RUN_KEYS : CONFIG_KEYS);
  return meant ? `did you mean "${meant}"?` : `known keys: ${(inRun ? RUN_KEYS : CONFIG_KEYS).join(', ')}`;
}

function wrongShape(issue: Issue, value: unknown, file: string): TsboxError {
  const where = issue.path.length > 0 ? issue.path.join('.') : 'the whole';
  return new TsboxError('ERR_TSBOX_CONFIG', {
    what: `wrong value for "${where}" in ${file}`,
    why: `${shown(valueAt(value, issue.path))} is not ${expected(issue)}`,
    fix: 'the file dist/schema.json of the package lists every key and its values',
  });
}

function expected(issue: Issue): string {
  if (issue.code === 'invalid_type')
    return issue.expected === 'array' ? 'a list' : `${issue.expected === 'object' ? 'an' : 'a'} ${issue.expected}`;
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
