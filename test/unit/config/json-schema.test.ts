import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../../core/config/json-schema.js';
import { RUN_KEYS } from '../../../core/config/run-options.js';

// ajv is CommonJS, and its class is both the export and its `default`.
const { Ajv2020 } = createRequire(import.meta.url)('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js');
const validate = new Ajv2020({ strict: false }).compile(jsonSchema());

describe('the JSON Schema', () => {
  it.each([
    {},
    { $schema: './node_modules/tsbox/dist/schema.json', storage: 'overlay', network: 'bridge', userns: 'auto' },
    {
      plugins: ['./mine.ts', 'box-plugin'],
      driverOptions: { bridge: { subnet: '10.1.0.0/24', deep: [1, { a: null }] } },
    },
    { run: { memory: '256m', cpus: 0.5, rm: true, env: { A: 1 }, publish: ['8080:80', 80], volume: ['.:/srv'] } },
    { run: { env: ['A=1'] } },
    {
      environments: {
        dev: { image: 'host', extends: ['a', './b.yaml'], command: 'true', secrets: { t: './t', u: { file: 'u' } } },
      },
    },
    {
      environments: { shop: { services: { web: { image: 'host', dependsOn: { db: 'ready' }, ready: { port: 80 } } } } },
    },
  ])('takes %j', (config) => {
    expect(validate(config), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each([
    { storge: 'copy' },
    { run: { memroy: '1m' } },
    { run: { rm: 'yes' } },
    { environments: { dev: { memroy: '1m' } } },
    { environments: { dev: { services: { web: { extends: 'x' } } } } },
    { environments: { dev: { services: { web: { dependsOn: { db: 'gone' } } } } } },
    { plugins: 'x' },
    { driverOptions: { bridge: 1 } },
  ])('refuses %j', (config) => {
    expect(validate(config)).toBe(false);
  });

  it('describes every setting of run', () => {
    const { properties } = jsonSchema() as {
      properties: { run: { properties: Record<string, { description?: string }> } };
    };
    expect(Object.keys(properties.run.properties)).toEqual([...RUN_KEYS]);
    for (const setting of Object.values(properties.run.properties)) expect(setting.description).toBeTruthy();
  });
});
