import { Option } from 'commander';
import { print } from './output.js';
import { formatTable } from './table.js';

export type Format = 'table' | 'json' | 'jsonl';

/** `--format`: a table for people, one JSON array, or one object a line. */
export function formatOption(): Option {
  return new Option('--format <format>', 'table, json or jsonl').choices(['table', 'json', 'jsonl']).default('table');
}

/** Prints items in the chosen format; `toRow` is asked for a table only. */
export function printItems<Item>(
  items: readonly Item[],
  format: Format,
  header: readonly string[],
  toRow: (item: Item) => string[],
): void {
  if (format === 'json') print(`${JSON.stringify(items, undefined, 2)}\n`);
  else if (format === 'jsonl') print(items.map((item) => `${JSON.stringify(item)}\n`).join(''));
  else print(formatTable([...(header.length > 0 ? [header] : []), ...items.map(toRow)]));
}
