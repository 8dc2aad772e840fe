import * as z from 'zod/mini';
import type { JsonObject } from '../plugin/launch.js';
import type { OptionSchema, OptionTable } from '../plugin/options.js';

/** What checks a value of an option. */
export function optionCheck(schema: OptionSchema): z.ZodMiniType {
  switch (schema.type) {
    case 'string':
      return schema.enum ? z.enum(schema.enum as string[]) : textCheck(schema);
    case 'number':
    case 'integer':
      return schema.enum ? z.literal(schema.enum as number[]) : numberCheck(schema);
    case 'boolean':
      return z.boolean();
    case 'array': {
      const { minItems = 0, maxItems = Number.MAX_SAFE_INTEGER } = schema;
      return z.array(optionCheck(schema.items)).check(z.minLength(minItems), z.maxLength(maxItems));
    }
    case 'object':
      return objectCheck(schema);
  }
}

function textCheck({ minLength = 0, maxLength, pattern }: Extract<OptionSchema, { type: 'string' }>): z.ZodMiniType {
  const length = z.string().check(z.minLength(minLength), z.maxLength(maxLength ?? Number.MAX_SAFE_INTEGER));
  return pattern === undefined ? length : length.check(z.regex(new RegExp(pattern, 'u')));
}

function numberCheck({ type, minimum, maximum }: Extract<OptionSchema, { type: 'number' | 'integer' }>) {
  const bounds = [z.gte(minimum ?? -Number.MAX_VALUE), z.lte(maximum ?? Number.MAX_VALUE)] as const;
  return type === 'integer' ? z.int().check(...bounds) : z.number().check(...bounds);
}

function objectCheck({ properties = {}, additionalProperties }: Extract<OptionSchema, { type: 'object' }>) {
  const shape = Object.entries(properties).map(([name, schema]) => {
    const check = optionCheck(schema);
    return [name, schema.required ? check : z.optional(check)];
  });
  const known = z.strictObject(Object.fromEntries(shape));
  return additionalProperties ? z.catchall(known, optionCheck(additionalProperties)) : known;
}

/** The JSON Schema of a table: `required` becomes the list that it is there. */
export function tableSchema(table: OptionTable): JsonObject {
  const entries = Object.entries(table);
  const needed = entries.flatMap(([name, { required }]) => (required ? [name] : []));
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, schema]) => [name, plainSchema(schema)])),
    ...(needed.length > 0 && { required: needed }),
    additionalProperties: false,
  };
}

function plainSchema(schema: OptionSchema): JsonObject {
  const { required: _, ...rest } = schema;
  if (schema.type === 'array') return { ...(rest as JsonObject), items: plainSchema(schema.items) };
  if (schema.type !== 'object') return rest as JsonObject;
  const { properties = {}, additionalProperties } = schema;
  return {
    ...(rest as JsonObject),
    ...tableSchema(properties),
    ...(additionalProperties && { additionalProperties: plainSchema(additionalProperties) }),
  };
}

/** In words, for errors: `an integer of at least 1`. */
export function describeOption(schema: OptionSchema): string {
  if (schema.type !== 'object' && 'enum' in schema && schema.enum)
    return `one of ${schema.enum.map((member) => JSON.stringify(member)).join(', ')}`;
  switch (schema.type) {
    case 'string':
      return `a string${textBounds(schema)}`;
    case 'number':
    case 'integer':
      return `${schema.type === 'integer' ? 'an integer' : 'a number'}${numberBounds(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list${bounds(schema.minItems, schema.maxItems)}, each of it ${describeOption(schema.items)}`;
    case 'object':
      return 'an object';
  }
}

function textBounds({ pattern, minLength, maxLength }: Extract<OptionSchema, { type: 'string' }>): string {
  const length = bounds(minLength, maxLength);
  const matching = pattern === undefined ? '' : ` that matches ${pattern}`;
  return `${length && `${length} characters`}${matching}`;
}

function numberBounds({ minimum, maximum }: Extract<OptionSchema, { type: 'number' | 'integer' }>): string {
  return bounds(minimum, maximum);
}

function bounds(least: number | undefined, most: number | undefined): string {
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  if (least !== undefined) return ` of at least ${least}`;
  return most === undefined ? '' : ` of at most ${most}`;
}
