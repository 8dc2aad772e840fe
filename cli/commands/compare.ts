import type { Command } from 'commander';
import type { ComparisonKind, Report } from '../../compare/index.js';
import type { Finish } from '../command.js';
import { addCompareOptions, type CompareRequest, readCompareRequest } from '../compare-options.js';
import { openSession, warn } from '../engine.js';
import { type Globals, readGlobals } from '../globals.js';
import { Interrupt } from '../interrupt.js';
import { printError } from '../output.js';
import { ProgressBar } from '../progress-bar.js';

const KINDS: Readonly<Record<ComparisonKind, string>> = {
  storage: 'storage drivers: start, files, space, commit',
  network: 'network drivers: set-up, latency, throughput',
  runtimes: 'tsbox and the other runtimes that are installed',
};

export function define(command: Command, finish: Finish): void {
  command.usage('COMMAND').helpCommand(false);
  for (const [kind, summary] of Object.entries(KINDS) as [ComparisonKind, string][]) {
    const sub = addCompareOptions(command.command(kind).description(summary));
    sub.action(async (_options: object, parsed: Command) => {
      const globals = readGlobals(parsed, process.env);
      finish(await runComparison(kind, readCompareRequest(parsed), globals));
    });
  }
}

/** @returns the exit status: 1 where nothing could be measured */
async function runComparison(kind: ComparisonKind, request: CompareRequest, globals: Globals): Promise<number> {
  const { readReport } = await import('../../compare/index.js');
  const against = request.against === undefined ? undefined : await readReport(request.against, kind);
  const { report, status } = await measured(kind, request, globals);
  if (!report) return status;
  const { writeReport } = await import('../compare-report.js');
  writeReport(report, request, against);
  if (report.measurements.some(({ samples }) => Object.keys(samples).length > 0)) return 0;
  printError('tsbox: nothing could be measured; the report says why\n');
  return 1;
}

async function measured(
  kind: ComparisonKind,
  { options }: CompareRequest,
  globals: Globals,
): Promise<{ readonly report?: Report; readonly status: number }> {
  const { compare } = await import('../../compare/index.js');
  const { LibraryEngine } = await import('../../core/library/engine.js');
  const { engine: inner, config } = await openSession(globals);
  const engine = new LibraryEngine(inner, {}, { config });
  const bar = new ProgressBar(globals);
  const interrupt = new Interrupt(() => bar.interrupt(() => printError('tsbox: taking everything back ...\n')));
  try {
    const report = await compare(kind, engine, {
      ...options,
      signal: interrupt.signal,
      onProgress: (progress) => bar.show(progress),
      onWarning: (message) => bar.interrupt(() => warn(message, globals)),
    });
    return { report, status: 0 };
  } catch (error) {
    if (interrupt.status === undefined) throw error;
    return { status: interrupt.status };
  } finally {
    bar.clear();
    await engine.close();
    interrupt.close();
  }
}
