import type { Json, JsonObject } from './launch.js';

/**
 * What a plugin can be told, option by option: each entry is a part of JSON Schema (2020-12), and `required`
 * stands in it as a word of its own. The core checks the values, and infers their types from the table.
 */
export type OptionTable = { readonly [name: string]: OptionSchema };

export type OptionSchema = TextOption | NumberOption | BooleanOption | ListOption | ObjectOption;

interface Described {
  /** One line, for the JSON Schema, for errors and `tsbox plugin info`. */
  readonly description?: string;
  readonly required?: boolean;
}

export interface TextOption extends Described {
  readonly type: 'string';
  readonly default?: string;
  readonly enum?: readonly string[];
  /** An ECMAScript regular expression that matches somewhere in it. */
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface NumberOption extends Described {
  readonly type: 'number' | 'integer';
  readonly default?: number;
  readonly enum?: readonly number[];
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface BooleanOption extends Described {
  readonly type: 'boolean';
  readonly default?: boolean;
}

export interface ListOption extends Described {
  readonly type: 'array';
  readonly default?: readonly Json[];
  readonly items: OptionSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface ObjectOption extends Described {
  readonly type: 'object';
  readonly default?: { readonly [key: string]: Json };
  /** Keys that it may have; others only where `additionalProperties` says what they are. */
  readonly properties?: OptionTable;
  readonly additionalProperties?: OptionSchema;
}

/** The type of a value that meets a schema. */
export type OptionValue<Schema> = Schema extends { readonly enum: readonly (infer Member)[] }
  ? Member
  : Schema extends { readonly type: 'string' }
    ? string
    : Schema extends { readonly type: 'number' | 'integer' }
      ? number
      : Schema extends { readonly type: 'boolean' }
        ? boolean
        : Schema extends { readonly type: 'array'; readonly items: infer Item }
          ? readonly OptionValue<Item>[]
          : Schema extends { readonly type: 'object' }
            ? ObjectValue<Schema>
            : never;

type ObjectValue<Schema> = Schema extends { readonly properties: infer Table }
  ? GivenValues<Table>
  : Schema extends { readonly additionalProperties: infer Other }
    ? { readonly [key: string]: OptionValue<Other> }
    : { readonly [key: string]: never };

type Keys<Table, Mark> = { [Name in keyof Table]: Table[Name] extends Mark ? Name : never }[keyof Table];
type Needed = { readonly required: true };
type Certain = Needed | { readonly default: Json };

/** Inside an object there are no defaults: what is not required may be missing. */
type GivenValues<Table> = {
  readonly [Name in Keys<Table, Needed>]: OptionValue<Table[Name]>;
} & { readonly [Name in Exclude<keyof Table, Keys<Table, Needed>>]?: OptionValue<Table[Name]> };

/** What a plugin gets: with a default or required it is there, else it may be missing. */
export type OptionValues<Table> = string extends keyof Table
  ? JsonObject // some table
  : { readonly [Name in Keys<Table, Certain>]: OptionValue<Table[Name]> } & {
      readonly [Name in Exclude<keyof Table, Keys<Table, Certain>>]?: OptionValue<Table[Name]>;
    };

/** The defaults of a table. */
export function defaultOptions(table: OptionTable): JsonObject {
  const given = Object.entries(table).filter(([, schema]) => schema.default !== undefined);
  return Object.fromEntries(given.map(([name, schema]) => [name, schema.default as Json]));
}
