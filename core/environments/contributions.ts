import { RUN_OPTIONS, type RunKey, runOption } from '../config/run-options.js';
import { NEAREST_LISTS } from '../config/settings.js';
import { type Source, STRUCTURE } from './source.js';

/** What one place says about one key. */
export interface Contribution {
  /** `memory`, `env.A`, `driverOptions.bridge.mtu`, `secrets.token`. */
  readonly key: string;
  readonly value: unknown;
  readonly source: Source;
  /** Keys and indices that lead to it in the file. */
  readonly path: readonly (string | number)[];
}

/** How values of several places become one. */
export type Rule = 'nearest' | 'list' | 'table';

/** Tables of keys that win one by one, beside those of `run`; how deep. */
const TABLES: Readonly<Record<string, number>> = { secrets: 1, dependsOn: 1, driverOptions: 2, pluginOptions: 2 };
const LISTS: readonly string[] = ['plugins'];

/** The rule for a key of a config file, of `run`, or of an environment. */
export function ruleOf(key: string): Rule {
  if (key in TABLES) return 'table';
  if (LISTS.includes(key)) return 'list';
  if (!(key in RUN_OPTIONS)) return 'nearest';
  const { kind } = runOption(key as RunKey);
  if (kind === 'env') return 'table';
  return kind === 'list' && !(NEAREST_LISTS as readonly string[]).includes(key) ? 'list' : 'nearest';
}

/** All that a source says. */
export function contributionsOf(source: Source): Contribution[] {
  return Object.entries(source.values).flatMap(([key, value]) => {
    if (value === undefined || STRUCTURE.includes(key)) return [];
    const whole = { key, value, source, path: [...source.path, key] };
    return ruleOf(key) === 'table' ? members(whole, TABLES[key] ?? 1) : [whole];
  });
}

function members(table: Contribution, depth: number): Contribution[] {
  const { value, key, source, path } = table;
  const list = Array.isArray(value) ? value.map((item, index) => pair(String(item), index)) : undefined;
  const entries = list ?? Object.entries(value as object).map(([name, one]) => ({ name, value: one, at: name }));
  return entries.flatMap((entry) => {
    const one = { key: `${key}.${entry.name}`, value: entry.value, source, path: [...path, entry.at] };
    const isDeeper = depth > 1 && typeof entry.value === 'object' && entry.value !== null;
    return isDeeper ? members(one, depth - 1) : [one];
  });
}

/** An item of a list that is a table: `A=b`, `A` alone, the name of a service. */
function pair(item: string, at: number): { readonly name: string; readonly value: unknown; readonly at: number } {
  const equals = item.indexOf('=');
  if (equals < 0) return { name: item, value: null, at };
  return { name: item.slice(0, equals), value: item.slice(equals + 1), at };
}
