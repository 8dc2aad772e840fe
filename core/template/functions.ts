import { entriesOf, formatJson, formatValue, isTrue, kindOf } from './values.js';

/** A function of templates; what it throws is reported with its position. */
export type TemplateFunction = (...args: unknown[]) => unknown;

type Order = -1 | 0 | 1;

/** Those of Go's text/template, and docker's own. `and` and `or` are the evaluator's: they do not look at all arguments. */
export const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  json: (value) => formatJson(value),
  not: (value) => !isTrue(value),
  len: (value) => lengthOf(value),
  index: (value, ...keys) => keys.reduce(elementOf, value),
  slice: (value, from = 0, to = undefined) => sliceOf(value, from, to),
  print: (...args) => args.map(formatValue).join(''),
  println: (...args) => `${args.map(formatValue).join(' ')}\n`,
  printf: (format, ...args) => formatted(text(format), args),
  eq: (one, ...others) => others.some((other) => compare(one, other) === 0),
  ne: (one, other) => compare(one, other) !== 0,
  lt: (one, other) => compare(one, other) < 0,
  le: (one, other) => compare(one, other) <= 0,
  gt: (one, other) => compare(one, other) > 0,
  ge: (one, other) => compare(one, other) >= 0,
  upper: (value) => text(value).toUpperCase(),
  lower: (value) => text(value).toLowerCase(),
  title: (value) => text(value).replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()),
  join: (list, separator) => join(list, text(separator)),
  split: (value, separator) => text(value).split(text(separator)),
  truncate: (value, length) => text(value).slice(0, Number(length)),
  pad: (value, before, after) =>
    value === '' ? '' : ' '.repeat(Number(before)) + text(value) + ' '.repeat(Number(after)),
};

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Error(`it takes text, and got a ${kindOf(value)}`);
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'object' && value !== null) return entriesOf(value).length;
  throw new Error(`a ${kindOf(value)} has no length`);
}

function elementOf(value: unknown, key: unknown): unknown {
  if (value instanceof Map) return value.has(key) ? value.get(key) : nothingLike(value);
  if (Array.isArray(value) || typeof value === 'string') {
    const index = Number(key);
    if (Number.isInteger(index) && index >= 0 && index < value.length) return value[index];
    throw new Error(`index out of range: ${formatValue(key)}`);
  }
  if (kindOf(value) !== 'object') throw new Error(`cannot index a ${kindOf(value)}`);
  const name = formatValue(key);
  if (Object.hasOwn(value as object, name)) return (value as Record<string, unknown>)[name];
  throw new Error(`there is no ${JSON.stringify(name)} in it`);
}

/** What a map of texts has at a key that it lacks is the empty text. */
function nothingLike(map: Map<unknown, unknown>): unknown {
  return [...map.values()].every((value) => typeof value === 'string') ? '' : undefined;
}

function sliceOf(value: unknown, from: unknown, to: unknown): unknown {
  if (typeof value !== 'string' && !Array.isArray(value)) throw new Error(`cannot slice a ${kindOf(value)}`);
  const end = to === undefined ? value.length : Number(to);
  if (Number(from) <= end && end <= value.length) return value.slice(Number(from), end);
  throw new Error(`index out of range: ${end}`);
}

function compare(one: unknown, other: unknown): Order {
  const [kind, otherKind] = [kindOf(one), kindOf(other)];
  if (kind === 'nil' || otherKind === 'nil') return kind === otherKind ? 0 : 1;
  if (kind !== otherKind) throw new Error(`cannot compare a ${kind} with a ${otherKind}`);
  if (typeof one === 'object') throw new Error(`cannot compare a ${kind}`);
  if (one === other) return 0;
  return (one as string) < (other as string) ? -1 : 1;
}

function join(list: unknown, separator: string): string {
  if (Array.isArray(list)) return list.map(formatValue).join(separator);
  throw new Error(`it takes a list, and got a ${kindOf(list)}`);
}

const VERB = /%([-0]*)(\d*)(?:\.(\d+))?([a-zA-Z%])/g;

function formatted(format: string, args: readonly unknown[]): string {
  let next = 0;
  return format.replaceAll(VERB, (_, flags: string, width: string, digits: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (next >= args.length) throw new Error(`%${verb} has no argument`);
    const value = verbText(verb, args[next++], digits === undefined ? undefined : Number(digits));
    if (flags.includes('-')) return value.padEnd(Number(width));
    return value.padStart(Number(width), flags.includes('0') ? '0' : ' ');
  });
}

function verbText(verb: string, value: unknown, digits: number | undefined): string {
  switch (verb) {
    case 'd':
    case 'v':
    case 't':
      return formatValue(value);
    case 's':
      return formatValue(value).slice(0, digits);
    case 'q':
      return JSON.stringify(formatValue(value));
    case 'x':
      return typeof value === 'number' ? value.toString(16) : Buffer.from(formatValue(value)).toString('hex');
    case 'f':
      return Number(value).toFixed(digits ?? 6);
    default:
      throw new Error(`there is no %${verb}`);
  }
}
