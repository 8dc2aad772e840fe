import { describe, expect, expectTypeOf, it } from 'vitest';
import { checkOptions } from '../../../core/config/check-options.js';
import { tableSchema } from '../../../core/config/option-schema.js';
import type { JsonObject } from '../../../core/plugin/index.js';
import { type DriverFactory, definePlugin, type OptionTable, type OptionValues } from '../../../core/plugin/index.js';

const TABLE = {
  size: { type: 'string', default: '64m', description: 'how large it may grow', pattern: '^[0-9]+[kmg]$' },
  mode: { type: 'string', enum: ['fast', 'safe'] },
  hosts: { type: 'array', items: { type: 'string', minLength: 1 }, default: [], maxItems: 2 },
  depth: { type: 'integer', minimum: 1, maximum: 9, required: true },
  ratio: { type: 'number' },
  loud: { type: 'boolean', default: false },
  limits: {
    type: 'object',
    properties: { soft: { type: 'integer' }, hard: { type: 'integer', required: true } },
  },
  labels: { type: 'object', additionalProperties: { type: 'string' } },
} as const satisfies OptionTable;

describe('options of a plugin', () => {
  it('have the types of their table', () => {
    definePlugin({
      name: 'typed',
      apiVersion: 1,
      options: TABLE,
      hooks: {
        postStart: ({ options }) => {
          expectTypeOf(options.size).toEqualTypeOf<string>();
          expectTypeOf(options.mode).toEqualTypeOf<'fast' | 'safe' | undefined>();
          expectTypeOf(options.hosts).toEqualTypeOf<readonly string[]>();
          expectTypeOf(options.depth).toEqualTypeOf<number>();
          expectTypeOf(options.ratio).toEqualTypeOf<number | undefined>();
          expectTypeOf(options.loud).toEqualTypeOf<boolean>();
          expectTypeOf(options.limits?.hard).toEqualTypeOf<number | undefined>();
          expectTypeOf(options.labels?.any).toEqualTypeOf<string | undefined>();
          // @ts-expect-error: there is no such option
          void options.sise;
        },
      },
    });
  });

  it('are inferred from a table that stands in the definition', () => {
    definePlugin({
      name: 'inline',
      apiVersion: 1,
      options: { mode: { type: 'string', enum: ['a', 'b'], default: 'a' }, depth: { type: 'integer' } },
      drivers: { network: { inline: (_, options) => driver(options.mode, options.depth) } },
      info: ({ options }) => ({ mode: options.mode }),
      commands: { inline: { summary: 'shows', run: async ({ options: { depth = 1 } }) => depth } },
      validate: (_, { mode }) => expectTypeOf(mode).toEqualTypeOf<'a' | 'b'>(),
    });
    // @ts-expect-error: a default must be of its type
    definePlugin({ name: 'wrong', apiVersion: 1, options: { depth: { type: 'integer', default: 'x' } } });
  });

  it('are nothing where there is no table', () => {
    definePlugin({
      name: 'bare',
      apiVersion: 1,
      hooks: {
        // @ts-expect-error: there is no such option
        postStart: ({ options }) => void options.size,
      },
    });
  });

  it.each<JsonObject>([
    {},
    { size: '1m', mode: 'fast', hosts: ['a', 'b'], depth: 9, ratio: 0.5, loud: true },
    { limits: { hard: 1 }, labels: { any: 'text' } },
    { limits: { soft: 1, hard: 2 } },
  ])('take %j', (values) => {
    expect(() => check(values)).not.toThrow();
  });

  it.each<[JsonObject, string, string]>([
    [{ size: 5 }, 'size', '5 is not a string that matches ^[0-9]+[kmg]$'],
    [{ size: 'big' }, 'size', '"big" is not a string that matches ^[0-9]+[kmg]$'],
    [{ mode: 'slow' }, 'mode', '"slow" is not one of "fast", "safe"'],
    [{ hosts: 'a' }, 'hosts', '"a" is not a list of at most 2, each of it a string of at least 1 characters'],
    [{ hosts: [''] }, 'hosts.0', '"" is not a string of at least 1 characters'],
    [{ depth: 0 }, 'depth', '0 is not an integer from 1 to 9'],
    [{ depth: 1.5 }, 'depth', '1.5 is not an integer from 1 to 9'],
    [{ ratio: '1' }, 'ratio', '"1" is not a number'],
    [{ loud: 1 }, 'loud', '1 is not true or false'],
    [{ labels: { a: 1 } }, 'labels.a', '1 is not a string'],
  ])('refuse %j, naming plugin, key and file', (values, key, why) => {
    expect(() => check(values)).toThrow(
      expect.objectContaining({
        code: 'ERR_TSBOX_CONFIG',
        what: `wrong option "pluginOptions.mine.${key}" of the plugin "mine" in /srv/tsbox.config.ts`,
        why,
      }),
    );
  });

  it('name the nearest one for an unknown one', () => {
    expect(() => check({ sise: '1m' })).toThrow(
      expect.objectContaining({
        what: 'unknown option "pluginOptions.mine.sise" in /srv/tsbox.config.ts',
        why: 'the plugin "mine" has no such option',
        fixes: ['did you mean "size"?'],
      }),
    );
  });

  it('are a part of JSON Schema', () => {
    expect(tableSchema(TABLE)).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['depth'],
      properties: {
        size: { type: 'string', default: '64m', description: 'how large it may grow' },
        limits: { required: ['hard'], additionalProperties: false },
        labels: { additionalProperties: { type: 'string' } },
      },
    });
    expect(JSON.stringify(tableSchema(TABLE))).not.toContain('"required":true');
  });
});

function check(values: JsonObject): void {
  checkOptions({
    plugin: 'mine',
    table: TABLE,
    values,
    at: 'pluginOptions.mine',
    place: () => '/srv/tsbox.config.ts',
  });
}

function driver(mode: 'a' | 'b', depth: number | undefined) {
  expectTypeOf<OptionValues<Record<never, never>>>().toEqualTypeOf<object>;
  return { mode, depth } as unknown as ReturnType<DriverFactory<never>>;
}
