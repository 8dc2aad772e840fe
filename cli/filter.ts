import type { Command } from 'commander';
import { TsboxError } from '../core/plugin/error.js';
import { nearest } from '../core/plugin/nearest.js';

/** `--filter KEY=VALUE` by key: all keys must fit, of each key one of its values. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** `-f`, `--filter`: any number of times. */
export function addFilterOption(command: Command, known: readonly string[]): Command {
  const collect = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];
  return command.option('-f, --filter <filter>', `KEY=VALUE, of ${known.join(', ')}`, collect);
}

/** @throws TsboxError naming the keys there are */
export function readFilters(parsed: Command, known: readonly string[]): Filters {
  const filters: Record<string, string[]> = {};
  for (const text of parsed.opts<{ filter?: readonly string[] }>().filter ?? []) {
    const at = text.indexOf('=');
    const key = text.slice(0, Math.max(0, at)).trim().toLowerCase();
    if (at < 1) throw badFilter(text, 'it is not KEY=VALUE', known);
    if (!known.includes(key)) throw badFilter(text, `there is no filter ${JSON.stringify(key)}`, known, key);
    filters[key] = [...(filters[key] ?? []), text.slice(at + 1).trim()];
  }
  return filters;
}

function badFilter(text: string, why: string, known: readonly string[], key = ''): TsboxError {
  const meant = nearest(key, known);
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot use --filter ${JSON.stringify(text)}`,
    why,
    fix: [...(meant ? [`did you mean ${meant}?`] : []), `the filters are ${known.join(', ')}`],
  });
}
