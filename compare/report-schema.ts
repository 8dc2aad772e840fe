import * as z from 'zod/mini';
import { COMPARISON_KINDS } from './report.js';

const text = z.string();
const number = z.number();
const byName = <Value extends z.ZodMiniType>(value: Value) => z.record(text, value);

const hostSchema = z.object({
  kernel: text,
  architecture: text,
  node: text,
  cpu: text,
  cpus: number,
  memory: number,
  fileSystem: text,
  cgroups: text,
  load: z.tuple([number, number]),
});

const measurementSchema = z.object({
  name: text,
  title: text,
  description: text,
  group: text,
  unit: z.enum(['ns', 'bytes', 'bytes/s', 'ops/s', 'count']),
  better: z.enum(['less', 'more']),
  parameter: z.optional(z.object({ series: text, label: text, value: number })),
  samples: byName(z.array(number)),
  missing: z.optional(byName(text)),
});

/** A report of this version. Keys that are not known are let through: they change nothing that is shown. */
export const reportSchema = z.object({
  version: z.literal(1),
  kind: z.enum(COMPARISON_KINDS),
  created: text,
  tsbox: text,
  host: hostSchema,
  subject: byName(z.union([text, number])),
  rounds: number,
  warmUps: number,
  candidates: z.array(z.object({ name: text, about: z.optional(text), skipped: z.optional(text) })),
  measurements: z.array(measurementSchema),
});
