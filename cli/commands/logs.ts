import type { Command } from 'commander';
import { logsOf } from '../../core/containers/logs.js';
import { TsboxError } from '../../core/plugin/error.js';
import type { LogDriver } from '../../core/plugin/log-driver.js';
import type { Finish } from '../command.js';
import { type Globals, readGlobals } from '../globals.js';
import { LogPrinter } from '../log-printer.js';
import { parseMoment } from '../moment.js';
import { readStatePaths } from '../state-paths.js';

interface Options {
  readonly follow?: boolean;
  readonly tail: string;
  readonly since?: string;
  readonly until?: string;
  readonly timestamps?: boolean;
}

/** It reads files, and nothing else is loaded: no engine, no driver, no koffi. */
export function define(command: Command, finish: Finish): void {
  command
    .argument('<container>', 'name, id, or the beginning of an id')
    .option('-f, --follow', 'go on until the container ends')
    .option('-n, --tail <lines>', 'only the last so many', 'all')
    .option('--since <time>', 'from then on: 10m, 2026-11-22T03:04:05Z, or seconds since 1970')
    .option('--until <time>', 'up to then')
    .option('-t, --timestamps', 'with the time of each line');
  command.action(async (name: string, options: Options, parsed: Command) => {
    const globals = readGlobals(parsed, process.env);
    const paths = await readStatePaths(globals);
    const { follow = false, timestamps = false, since, until } = options;
    const tail = tailOf(options.tail);
    const now = Date.now();
    const asked = {
      follow,
      ...(tail !== undefined && { tail }),
      ...(since !== undefined && { since: parseMoment('--since', since, now) }),
      ...(until !== undefined && { until: parseMoment('--until', until, now) }),
    };
    const entries = logsOf(paths, name, asked, (driver) => pluginsDriver(driver, globals));
    const printer = new LogPrinter(timestamps, follow);
    for await (const entry of entries) if (!printer.print(entry)) break;
    printer.flush();
    finish(0);
  });
}

/** A log that a plugin keeps is read by it; for our own no plugin is loaded. */
async function pluginsDriver(name: string, globals: Globals): Promise<LogDriver> {
  const { openSession } = await import('../engine.js');
  const { engine } = await openSession(globals);
  return engine.driver('log', name);
}

function tailOf(text: string): number | undefined {
  if (text === 'all' || text === '-1') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot use --tail ${JSON.stringify(text)}`,
    why: 'it is no number of lines',
    fix: '--tail 100, or --tail all',
  });
}
