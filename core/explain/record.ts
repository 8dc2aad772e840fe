import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import type { TsboxError } from '../plugin/error.js';
import type { Spec } from '../plugin/spec.js';
import { CATALOGUE } from './catalogue/index.js';
import type { Diagnosis } from './diagnosis.js';
import { type FailureRecord, type PlanLine, recordFiles } from './failure-record.js';

export interface FailedLaunch {
  readonly root: string;
  readonly id?: string;
  readonly name?: string;
  readonly spec: Spec;
  readonly plan: readonly PlanLine[];
  readonly host: FailureRecord['host'];
}

const KEPT = 20;

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
