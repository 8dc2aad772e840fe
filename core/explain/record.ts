import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import type { FailureFacts, TsboxError } from '../plugin/error.js';
import type { Spec } from '../plugin/spec.js';
import { CATALOGUE } from './catalogue/index.js';
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

export interface FailedLaunch {
  readonly root: string;
  readonly id?: string;
  readonly name?: string;
  readonly spec: Spec;
  readonly plan: readonly PlanLine[];
  readonly host: FailureRecord['host'];
}

const KEPT = 20;
const FILE = /^\d{8}T\d{9}Z-[0-9a-f]{12}\.json$/;

/** Writes down a failed launch. @returns its file; undefined where it cannot be written, which hides nothing */
export function writeFailure(error: TsboxError, launch: FailedLaunch): string | undefined {
  const directory = join(launch.root, 'failures');
  const record = recordOf(error, launch);
  const file = `${record.time.replace(/[-:.]/g, '')}-${record.id.slice(0, 12)}.json`;
  const temporary = join(directory, `.${file}`);
  try {
    makeDirectory(directory);
    writeFileSync(temporary, `${JSON.stringify(record)}\n`, { mode: 0o600 });
    renameSync(temporary, join(directory, file));
    for (const old of recordFiles(directory).slice(0, -KEPT)) rmSync(join(directory, old), { force: true });
    return file;
  } catch {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // The place cannot be written at all.
    }
    return undefined;
  }
}

/** As far as parents are missing. Node's own way never ends where there is a place that takes none, such as /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

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
function recordFiles(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => FILE.test(name))
      .sort();
  } catch {
    return [];
  }
}

function recordOf(error: TsboxError, launch: FailedLaunch): FailureRecord {
  const { code, what, why, fixes, exitStatus, undoErrors, facts, diagnosis } = error;
  const entry = Object.values(CATALOGUE)
    .flat()
    .find(({ id }) => id === diagnosis);
  const { match: _, ...general } = entry ?? {};
  return {
    version: 1,
    time: new Date().toISOString(),
    id: launch.id ?? randomBytes(32).toString('hex'),
    ...(launch.name !== undefined && { name: launch.name }),
    error: { code, what, why, fix: fixes, exitStatus, undo: undoErrors.map(({ message }) => message) },
    ...(entry && { diagnosis: general as Diagnosis }),
    ...(facts && { failed: facts }),
    plan: launch.plan,
    spec: withoutSecrets(launch.spec),
    versions: { node: process.version, kernel: release(), arch: process.arch },
    host: launch.host,
  };
}

/** Names of variables are kept, values are not: passwords come in them. */
function withoutSecrets(spec: Spec): Partial<Spec> {
  const { env, ...rest } = spec;
  return { ...rest, env: (env ?? []).map((pair) => `${pair.split('=', 1)[0]}=...`) };
}
