import { type Command, Option } from 'commander';
import { TsboxError } from '../core/plugin/error.js';
import { print } from './output.js';
import { formatTable, LIST_LAYOUT } from './table.js';

/**
 * What a list command shows of its items. One object for all formats:
 *
 *     const VOLUMES: ListShape<Volume> = {
 *       fields: {
 *         Driver: ['DRIVER', () => 'local'],
 *         Name: ['VOLUME NAME', (volume) => volume.name],
 *         Label: ['', (volume, name) => volume.labels[name] ?? ''],   // {{.Label "x"}}
 *       },
 *       columns: ['Driver', 'Name'],
 *       id: 'Name',
 *     };
 *     define:  addListOptions(command);
 *     action:  await printList(volumes, VOLUMES, readListOptions(parsed));
 */
export interface ListShape<Item> {
  /**
   * Fields of templates, by docker's names: the header of `table {{.Name}}`, and the value, which is
   * made only where it is shown. One that takes arguments gets them as the template has them.
   */
  readonly fields: Readonly<Record<string, FieldShape<Item>>>;
  /** Those of the table. */
  readonly columns: readonly string[];
  /** What `-q` prints. */
  readonly id?: string;
  /** What `json` and `jsonl` print of an item, typed as in the library; default: the item. */
  readonly toJson?: (item: Item) => unknown;
}

export type FieldShape<Item> = readonly [header: string, value: (item: Item, ...args: string[]) => unknown];

export interface ListOptions {
  /** As it was given: `table`, `table TEMPLATE`, `json`, `jsonl` or a template. */
  readonly format: string;
  /** `-q`: only ids. Any format but a table wins over it. */
  readonly quiet: boolean;
}

export type Format = 'table' | 'json' | 'jsonl';

/** `--format` of what is no list of things with fields: a table for people, one JSON array, or one object a line. */
export function formatOption(): Option {
  return new Option('--format <format>', 'table, json or jsonl').choices(['table', 'json', 'jsonl']).default('table');
}

/** `--format` and `-q` of a list. */
export function addListOptions(command: Command): Command {
  return command
    .option('-q', 'only ids')
    .option('--format <format>', "table, json, jsonl, or a template: '{{.ID}}', 'table {{.ID}}\\t{{.Names}}'", 'table');
}

/** `--quiet` behind the name of a list command is docker's: only ids. Before it, it is ours: no warnings. */
export function readListOptions(parsed: Command): ListOptions {
  const { format = 'table', q, quiet } = parsed.opts<{ format?: string; q?: boolean; quiet?: boolean }>();
  return { format, quiet: q === true || quiet === true };
}

/** Prints a list in the format that was asked for. @throws TsboxError on a bad template, before anything is printed */
export async function printList<Item>(
  items: readonly Item[],
  shape: ListShape<Item>,
  { format, quiet }: ListOptions,
): Promise<void> {
  const { toJson = (item: Item): unknown => item } = shape;
  if (format === 'json') return print(`${JSON.stringify(items.map(toJson), undefined, 2)}\n`);
  if (format === 'jsonl') return print(items.map((item) => `${JSON.stringify(toJson(item))}\n`).join(''));
  const [, template] = /^table\s+(.*)$/s.exec(format) ?? [];
  if (quiet && (format === 'table' || template !== undefined) && shape.id !== undefined) {
    const { id } = shape;
    return print(items.map((item) => `${cell(item, shape, id)}\n`).join(''));
  }
  if (format === 'table') return print(defaultTable(items, shape));
  checkTemplate(format);
  const { compileTemplate } = await import('../core/template/index.js');
  const compiled = compileTemplate(template ?? format);
  const lines = items.map((item) => compiled.execute(templateRow(item, shape)));
  if (template === undefined) return print(lines.map((line) => `${line}\n`).join(''));
  const header = compiled.execute(headerRow(shape));
  print(formatTable([header, ...lines].map(split), LIST_LAYOUT));
}

/** Prints one thing as JSON, or through a template over it. */
export async function printOne(value: unknown, format: string): Promise<void> {
  if (format === 'json') return print(`${JSON.stringify(value, undefined, 2)}\n`);
  if (format === 'jsonl') return print(`${JSON.stringify(value)}\n`);
  checkTemplate(format);
  const { compileTemplate } = await import('../core/template/index.js');
  print(`${compileTemplate(format).execute(value)}\n`);
}

/** A stream's items one by one: `json` and `jsonl` are one object a line, else a template. @throws TsboxError on a bad one */
export async function lineFormat<Item>(
  format: string,
  toJson: (item: Item) => string,
  toData: (item: Item) => object,
): Promise<(item: Item) => string> {
  if (format === 'json' || format === 'jsonl') return toJson;
  checkTemplate(format);
  const { compileTemplate } = await import('../core/template/index.js');
  const compiled = compileTemplate(format);
  return (item) => compiled.execute(toData(item));
}

/** Prints items in one of the plain formats; `toRow` is asked for a table only. */
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

/** `a=b,c=d`, as docker shows labels. */
export function formatLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** What a template sees of an item: functions, which are called when they are named. */
export function templateRow<Item>(item: Item, { fields }: ListShape<Item>): object {
  const row: Record<string, unknown> = {};
  for (const [name, [, value]] of Object.entries(fields)) {
    row[name] = value.length > 1 ? (...args: string[]) => value(item, ...args) : () => value(item);
    // How many arguments it takes tells a field, which {{json .}} prints, from a method.
    Object.defineProperty(row[name], 'length', { value: value.length - 1 });
  }
  return row;
}

/** Headers instead of values; of a method the last part of its argument, as docker has it: `com.x.my-key` is `my key`. */
function headerRow({ fields }: ListShape<never>): object {
  const header = (title: string) => (name: string) => title || lastPart(name);
  const methods = Object.entries(fields).map(([name, [title, value]]) => [name, value.length > 1 ? header('') : title]);
  return Object.fromEntries(methods);
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1).replaceAll(/[-_]/g, ' ');
}

function defaultTable<Item>(items: readonly Item[], shape: ListShape<Item>): string {
  return tableOfRows(items.map(rowMaker(shape)), shape);
}

/** What makes of an item its row of the table that is printed without `--format`. */
export function rowMaker<Item>({ columns, fields }: ListShape<Item>): (item: Item) => string[] {
  const values = columns.map((name) => fields[name]?.[1] ?? (() => ''));
  // Plain loops: there may be thousands of items.
  return (item) => {
    const row: string[] = [];
    for (let column = 0; column < values.length; column++) row.push(String(values[column]?.(item) ?? ''));
    return row;
  };
}

/** The table of rows that {@link rowMaker} made. */
export function tableOfRows<Item>(rows: readonly string[][], { columns, fields }: ListShape<Item>): string {
  const header = columns.map((name) => fields[name]?.[0] ?? name);
  // One look for what must not be printed, instead of one at each cell.
  const safe = UNPRINTABLE.test(rows.map((row) => row.join('')).join(''))
    ? rows.map((row) => row.map(printable))
    : rows;
  return formatTable([header, ...safe], LIST_LAYOUT);
}

function cell<Item>(item: Item, { fields }: ListShape<Item>, name: string): string {
  return printable(String(fields[name]?.[1](item) ?? ''));
}

const split = (line: string): string[] => line.split('\t').map(printable);

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f]/;

/** A name or a label can hold anything: it must neither break a table nor talk to the terminal. */
function printable(text: string): string {
  return text.replace(new RegExp(UNPRINTABLE, 'g'), '?');
}

/** A word that is no format and no template is a typo, which docker would print once for each item. */
function checkTemplate(format: string): void {
  if (format.includes('{{')) return;
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot use --format ${JSON.stringify(format)}`,
    why: 'it is no format, and no template either',
    fix: "table, json, jsonl, or a template like '{{.ID}}' or 'table {{.ID}}'",
  });
}
