import * as z from 'zod/mini';
import { configSchema } from './schema.js';

/** The JSON Schema of a config file, for editors: `"$schema": "./node_modules/tsbox/dist/schema.json"`. */
export function jsonSchema(): object {
  return { title: 'tsbox configuration', ...z.toJSONSchema(configSchema, { io: 'input' }) };
}
