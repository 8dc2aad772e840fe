import { writeFileSync } from 'node:fs';
import type { LaunchTrace } from '../core/engine/index.js';
import { printError } from './output.js';
import { formatTrace } from './plan-table.js';
import type { TraceRequest } from './trace-request.js';

/** Prints a trace, or writes it to its file. The run is over: what goes wrong here is said, and changes nothing. */
export async function printTrace(trace: LaunchTrace, { format, file }: TraceRequest): Promise<void> {
  const text = await formatted(trace, format);
  if (file === undefined) return printError(text);
  try {
    writeFileSync(file, text);
  } catch (error) {
    printError(`tsbox: warning: the trace was not written: ${(error as Error).message}\n`);
  }
}

async function formatted(trace: LaunchTrace, format: TraceRequest['format']): Promise<string> {
  if (format === 'json') return `${JSON.stringify(trace, undefined, 2)}\n`;
  if (format === 'text') return formatTrace(trace.entries);
  const { tracePage } = await import('../core/trace/index.js');
  return tracePage(trace);
}
