import { readFileSync } from 'node:fs';
import { TsboxError } from '../core/plugin/error.js';
import { type ComparisonKind, REPORT_VERSION, type Report } from './report.js';

/**
 * Reads a report that `--json` wrote.
 * @param kind of the comparison that it is for; any without it
 * @throws TsboxError naming the file: not there, no report, of a later version, of another kind
 */
export async function readReport(file: string, kind?: ComparisonKind): Promise<Report> {
  const value = parse(file, read(file));
  const version = (value as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > REPORT_VERSION) throw laterVersion(file, version);
  const { reportSchema } = await import('./report-schema.js');
  const result = reportSchema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw noReport(file, `wrong value for "${issue?.path.join('.') || 'the whole'}": ${issue?.message}`);
  }
  // The check leaves out what a version of the same format may have added; what was read is kept as it is.
  const report = value as Report;
  if (kind !== undefined && report.kind !== kind) throw otherKind(file, report.kind, kind);
  return report;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TsboxError('ERR_TSBOX_USAGE', {
      what: `cannot read the report ${file}`,
      why: (error as Error).message,
      fix: 'name a file that tsbox compare --json FILE wrote',
      cause: error,
    });
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw noReport(file, 'it is not JSON', error);
  }
}

function noReport(file: string, why: string, cause?: unknown): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: `${file} is not the report of a comparison`,
    why,
    fix: 'name a file that tsbox compare --json FILE wrote',
    cause,
  });
}

function laterVersion(file: string, version: number): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot read the report ${file}`,
    why: `it is of format ${version}, and this tsbox knows those up to ${REPORT_VERSION}`,
    fix: 'read it with the tsbox that wrote it, or a later one',
  });
}

function otherKind(file: string, found: ComparisonKind, wanted: ComparisonKind): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot compare with the report ${file}`,
    why: `it is a comparison of ${found}, not of ${wanted}`,
    fix: `name a report of tsbox compare ${wanted}`,
  });
}
