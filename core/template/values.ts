/**
 * Data as templates know it. A plain object is a struct: a field that it lacks is an error. A `Map` is a
 * map: a key that it lacks has no value. A function is a method, called where it is named.
 */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (Array.isArray(value)) return 'list';
  if (value instanceof Map) return 'map';
  return typeof value === 'object' ? 'object' : typeof value;
}

/** False, 0, nil, and what is empty, are false. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return Boolean(value);
}

/** As Go prints it: `[a b]`, `map[k:v]`, `{a b}`. */
export function formatValue(value: unknown): string {
  return value === undefined || value === null ? '<no value>' : formatInner(value);
}

function formatInner(value: unknown): string {
  if (value === undefined || value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(formatInner).join(' ')}]`;
  if (value instanceof Map)
    return `map[${entriesOf(value)
      .map(([key, one]) => `${key}:${formatInner(one)}`)
      .join(' ')}]`;
  if (typeof value === 'object') return `{${Object.values(fieldsOf(value)).map(formatInner).join(' ')}}`;
  return String(value);
}

/** As one line of JSON; of an object with methods, those without arguments, sorted by name. */
export function formatJson(value: unknown): string {
  return (
    JSON.stringify(value, (_, inner: unknown) => {
      if (inner instanceof Map) return Object.fromEntries(entriesOf(inner));
      return typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? fieldsOf(inner) : inner;
    }) ?? 'null'
  );
}

/** Values with their keys: of a list by index, of a map or an object by key, sorted. */
export function entriesOf(value: unknown): [key: string | number, value: unknown][] {
  if (Array.isArray(value)) return value.map((one, index) => [index, one]);
  const entries: [string, unknown][] = value instanceof Map ? [...value] : Object.entries(fieldsOf(value as object));
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** An object as it is; where it has methods, their values. */
function fieldsOf(value: object): object {
  const entries = Object.entries(value) as [string, unknown][];
  if (!entries.some(([, one]) => typeof one === 'function')) return value;
  const shown = entries.filter(([, one]) => typeof one !== 'function' || one.length === 0);
  shown.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(shown.map(([name, one]) => [name, typeof one === 'function' ? one() : one]));
}
