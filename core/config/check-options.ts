import { TsboxError } from '../plugin/error.js';
import type { JsonObject } from '../plugin/launch.js';
import { nearest } from '../plugin/nearest.js';
import type { OptionSchema, OptionTable } from '../plugin/options.js';
import { describeOption, optionCheck } from './option-schema.js';

/** Options that somebody gave to a plugin. */
export interface OptionRequest {
  readonly plugin: string;
  readonly table: OptionTable;
  readonly values: JsonObject;
  /** Under which key they stand: `pluginOptions.audit`. */
  readonly at: string;
  /** What says a value, for errors: the path of a file. */
  place(key: string): string;
}

const LONGEST_SHOWN = 80;

/** Checks options against their table; that none is missing is not looked at. @throws TsboxError ERR_TSBOX_CONFIG */
export function checkOptions(request: OptionRequest): void {
  for (const [key, value] of Object.entries(request.values)) {
    if (!Object.hasOwn(request.table, key)) throw unknownOption(request, key);
    const schema = request.table[key] as OptionSchema;
    const result = optionCheck(schema).safeParse(value);
    if (!result.success) throw wrongOption(request, [key, ...(result.error.issues[0]?.path ?? [])], schema);
  }
}

function unknownOption({ plugin, table, at, place }: OptionRequest, key: string): TsboxError {
  const known = Object.keys(table);
  const meant = nearest(key, known);
  return new TsboxError('ERR_TSBOX_CONFIG', {
    what: `unknown option "${at}.${key}" in ${place(key)}`,
    why: known.length > 0 ? `the plugin "${plugin}" has no such option` : `the plugin "${plugin}" takes no options`,
    fix: meant ? `did you mean "${meant}"?` : known.length > 0 ? `its options are ${known.join(', ')}` : 'leave it out',
  });
}

function wrongOption({ plugin, values, at, place }: OptionRequest, path: PropertyKey[], schema: OptionSchema) {
  const [key] = path as [string];
  const value = path.reduce<unknown>((parent, name) => (parent as Record<PropertyKey, unknown>)?.[name], values);
  const part = schemaAt(schema, path.slice(1));
  const text = JSON.stringify(value) ?? String(value);
  const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN - 3)}...` : text;
  return new TsboxError('ERR_TSBOX_CONFIG', {
    what: `wrong option "${[at, ...path].join('.')}" of the plugin "${plugin}" in ${place(key)}`,
    why: `${shown} is not ${describeOption(part)}`,
    fix: part.description ? `${String(path.at(-1))}: ${part.description}` : `tsbox plugin info ${plugin}`,
  });
}

/** The schema of a part of an option. */
function schemaAt(schema: OptionSchema, path: readonly PropertyKey[]): OptionSchema {
  const [name, ...rest] = path;
  if (name === undefined) return schema;
  if (schema.type === 'array') return schemaAt(schema.items, rest);
  if (schema.type !== 'object') return schema;
  const part = schema.properties?.[String(name)] ?? schema.additionalProperties;
  return part ? schemaAt(part, rest) : schema;
}
