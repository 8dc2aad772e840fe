import type { Command } from 'commander';
import type { ContainerStats } from '../../core/containers/stats.js';
import type { Gate } from '../../core/kernel/gate.js';
import { isReaderGone } from '../../core/kernel/poll.js';
import type { Finish } from '../command.js';
import { openSession, warn } from '../engine.js';
import { printList, readListOptions } from '../format.js';
import { readGlobals } from '../globals.js';
import { print } from '../output.js';
import { statsList } from '../stats-list.js';

interface Options {
  readonly all?: boolean;
  /** `--no-stream` and `--no-trunc`: commander takes the `no-` for a negation. */
  readonly stream: boolean;
  readonly trunc: boolean;
}

const STDOUT = 1;
/** 128 + SIGINT: there was to be a reading, and there is none. */
const INTERRUPTED = 130;
/** Cursor to the upper left corner, and clear from there: the next table stands where the last one was. */
const HOME = '\u001b[H\u001b[J';

export function define(command: Command, finish: Finish): void {
  command.argument('[container...]', 'name, id, or the beginning of an id; default: all that run');
  command
    .option('--format <format>', "table, json, jsonl, or a template: '{{.Name}}: {{.CPUPerc}}'", 'table')
    .option('-a, --all', 'those that do not run as well')
    .option('--no-stream', 'one reading, instead of one every second')
    .option('--no-trunc', 'ids whole');
  command.action(async (names: string[], options: Options, parsed: Command) => {
    const globals = readGlobals(parsed, process.env);
    const { engine } = await openSession(globals);
    const over = new AbortController();
    const stop = () => over.abort();
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    const { containerStats } = await import('../../core/containers/stats.js');
    const readings = containerStats(engine, {
      containers: names,
      all: options.all === true,
      signal: over.signal,
      onError: (error) => warn(error.message, globals),
    });
    try {
      const show = shower(parsed, options);
      if (options.stream) await showAll(readings, show, engine.gate);
      else await showSecond(readings, show);
    } finally {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      await engine.close();
    }
    finish(over.signal.aborted && !options.stream ? INTERRUPTED : 0);
  });
}

type Show = (stats: readonly ContainerStats[]) => Promise<void>;

function shower(parsed: Command, options: Options): Show {
  const list = readListOptions(parsed);
  const shape = statsList(!options.trunc);
  return (stats) => printList(stats, shape, list);
}

/** CPU time is a difference: the first reading has none. */
async function showSecond(readings: AsyncGenerator<ContainerStats[]>, show: Show): Promise<void> {
  await readings.next();
  const { value } = await readings.next();
  if (value) await show(value);
}

/** On a terminal each table takes the place of the one before. */
async function showAll(readings: AsyncGenerator<ContainerStats[]>, show: Show, gate: Gate): Promise<void> {
  const terminal = process.getBuiltinModule('node:tty').isatty(STDOUT);
  for await (const stats of readings) {
    // Without the reader, as `head` is when it has enough, nobody would ever end this.
    if (isReaderGone(gate, STDOUT)) return;
    if (terminal) print(HOME);
    await show(stats);
  }
}
