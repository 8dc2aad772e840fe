import { resolve } from 'node:path';
import { type Contribution, contributionsOf, ruleOf } from './contributions.js';
import type { Source } from './source.js';

/** What several sources say together, the nearest of them first; paths are absolute. */
export function merged(sources: readonly Source[]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const one of sources.toReversed().flatMap(contributionsOf)) {
    const [key = ''] = one.key.split('.', 1);
    const rule = ruleOf(key);
    if (rule === 'nearest') result[key] = absolute(one);
    else if (rule === 'list') result[key] = [...((result[key] as unknown[]) ?? []), ...(absolute(one) as unknown[])];
    else put(result, keysOf(one), absolute(one));
  }
  return result;
}

/** `env.a.b` is the variable `a.b`; options of drivers have two levels. */
function keysOf({ key, source, path }: Contribution): string[] {
  const [table = ''] = key.split('.', 1);
  const rest = key.slice(table.length + 1);
  const inFile = path.slice(source.path.length);
  return inFile.length > 2 ? inFile.map(String) : [table, rest];
}

function put(into: Record<string, unknown>, keys: readonly string[], value: unknown): void {
  const [first = '', ...rest] = keys;
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  const inner = into[first] as Record<string, unknown> | undefined;
  into[first] = { ...inner };
  put(into[first] as Record<string, unknown>, rest, value);
}

/** The same value from anywhere: paths that start at the file are written out. */
export function absolute({ key, value, source: { directory } }: Contribution): unknown {
  const path = (text: unknown) => resolve(directory, String(text));
  const [table = ''] = key.split('.', 1);
  if (table === 'secrets') return secret(value, path);
  if (['root', 'runroot', 'cidfile'].includes(key)) return path(value);
  if (key === 'image') return isRelative(value) ? path(value) : value;
  if (key === 'envFile' || key === 'labelFile') return [value].flat().map(path);
  if (key === 'volume') return [value].flat().map((text) => volume(String(text), path));
  if (key === 'mount' || key === 'secret') return [value].flat().map((text) => fields(String(text), path));
  return Array.isArray(value) && key === 'plugins' ? value.map((one) => plugin(one, path)) : value;
}

type ToPath = (text: unknown) => string;

const isRelative = (value: unknown): boolean => /^\.\.?(\/|$)/.test(String(value));

function secret(value: unknown, path: ToPath): unknown {
  if (typeof value === 'string') return { file: path(value) };
  return { ...(value as object), file: path((value as { readonly file: string }).file) };
}

function volume(text: string, path: ToPath): string {
  const [source = '', ...rest] = text.split(':');
  return rest.length > 0 && isRelative(source) ? [path(source), ...rest].join(':') : text;
}

function fields(text: string, path: ToPath): string {
  return text.replace(/(^|,)(src|source)=(\.[^,]*)/, (_, comma, name, file) => `${comma}${name}=${path(file)}`);
}

/** One that is written in the file itself has a name only. */
function plugin(value: unknown, path: ToPath): unknown {
  if (typeof value !== 'string') return (value as { readonly name: string }).name;
  return isRelative(value) ? path(value) : value;
}
