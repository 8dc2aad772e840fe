import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { badValue, type Found } from '../core/config/place.js';
import type { Settings } from '../core/config/settings.js';
import { TsboxError } from '../core/plugin/error.js';

export const TRACE_FORMATS = ['text', 'json', 'html'] as const;
export type TraceFormat = (typeof TRACE_FORMATS)[number];

/** Where a trace goes. */
export interface TraceRequest {
  readonly format: TraceFormat;
  /** Absolute; undefined: to stderr. */
  readonly file: string | undefined;
}

/** `--trace`, `--trace-format` and `--trace-file`: one of them is enough. @throws TsboxError before anything is done */
export function readTraceRequest(settings: Settings): TraceRequest | undefined {
  const format = settings.one('traceFormat');
  const file = settings.one('traceFile');
  if (settings.one('trace') ? !settings.on('trace') : !format && !file) return undefined;
  const path = file && checkedFile(file);
  return { format: format ? checkedFormat(format, path) : formatOf(path), file: path };
}

function checkedFormat(found: Found<string>, file: string | undefined): TraceFormat {
  const format = TRACE_FORMATS.find((name) => name === found.value);
  if (!format) throw badValue(found, `there is no such format; there are ${TRACE_FORMATS.join(', ')}`);
  if (format !== 'html' || file !== undefined) return format;
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: 'cannot print an HTML page',
    why: "stderr is the command's as well",
    fix: '--trace-file trace.html',
  });
}

function formatOf(file: string | undefined): TraceFormat {
  return TRACE_FORMATS.find((name) => file?.endsWith(`.${name}`)) ?? 'text';
}

/** A run is not to be over before it turns out that its trace has no place. */
function checkedFile(found: Found<string>): string {
  const file = resolve(found.place.directory, found.value);
  if (!existsSync(dirname(file))) throw badValue(found, `there is no directory ${dirname(file)}`);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw badValue(found, 'it is a directory');
  return file;
}
