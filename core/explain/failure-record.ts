import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FailureFacts } from '../plugin/error.js';
import type { Spec } from '../plugin/spec.js';
import type { Diagnosis } from './diagnosis.js';

/** One line of a plan, as core/engine/plan.ts has it. */
export interface PlanLine {
  readonly where: string;
  readonly plugin: string;
  readonly hook: string;
  readonly action: string;
  readonly target: string;
  readonly note?: string;
  readonly durationNs?: number;
}

/** What a failed launch leaves: `<root>/failures/<time>-<id>.json`. */
export interface FailureRecord {
  readonly version: 1;
  /** ISO 8601. */
  readonly time: string;
  readonly id: string;
  readonly name?: string;
  readonly error: {
    readonly code: string;
    readonly what: string;
    readonly why: string;
    readonly fix: readonly string[];
    readonly exitStatus: number;
    /** What could not be taken back. */
    readonly undo: readonly string[];
  };
  readonly diagnosis?: Diagnosis;
  /** The op or step that failed. */
  readonly failed?: FailureFacts;
  /** Everything that was done or would have been, in this order. */
  readonly plan: readonly PlanLine[];
  /** What was asked for, without the values of environment variables. */
  readonly spec: Partial<Spec>;
  readonly versions: { readonly node: string; readonly kernel: string; readonly arch: string };
  readonly host: { readonly uid: number; readonly privileged: boolean };
}

const FILE = /^\d{8}T\d{9}Z-[0-9a-f]{12}\.json$/;

/** The newest that can be read. @param id of the container; default: any */
export function latestFailure(root: string, id?: string): FailureRecord | undefined {
  const directory = join(root, 'failures');
  for (const file of recordFiles(directory).reverse()) {
    try {
      const record = JSON.parse(readFileSync(join(directory, file), 'utf8')) as FailureRecord;
      if (id !== undefined && record.id !== id) continue;
      if (record.version === 1 && Array.isArray(record.plan) && typeof record.error?.why === 'string') return record;
    } catch {
      // Damaged: the one before it is the last that says something.
    }
  }
  return undefined;
}

/** Oldest first. */
export function recordFiles(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => FILE.test(name))
      .sort();
  } catch {
    return [];
  }
}
