import type { Command } from 'commander';
import { asksForEnded, CONTAINER_FILTERS, filterContainers } from '../../core/containers/filters.js';
import { type ContainerSummary, convertAll, isUp, summarizeAll } from '../../core/containers/summary.js';
import { TsboxError } from '../../core/plugin/error.js';
import type { Finish } from '../command.js';
import { containerList } from '../container-list.js';
import { addFilterOption, type Filters, readFilters } from '../filter.js';
import { addListOptions, type ListOptions, printList, readListOptions, rowMaker, tableOfRows } from '../format.js';
import { type Globals, readGlobals } from '../globals.js';
import { print, printError } from '../output.js';
import { readStatePaths } from '../state-paths.js';

interface Options {
  readonly all?: boolean;
  readonly size?: boolean;
  /** `--no-trunc`: commander takes the `no-` for a negation. */
  readonly trunc: boolean;
  readonly latest?: boolean;
  readonly last?: string;
}

/** It reads records and /proc, and nothing else is loaded: no engine, no driver, no koffi. */
export function define(command: Command, finish: Finish): void {
  addListOptions(command)
    .option('-a, --all', 'those that do not run as well')
    .option('-s, --size', 'with what they wrote')
    .option('-n, --last <number>', 'the last so many that were made, running or not')
    .option('-l, --latest', 'the last one that was made')
    .option('--no-trunc', 'ids and commands whole');
  addFilterOption(command, CONTAINER_FILTERS);
  command.action(async (options: Options, parsed: Command) => {
    const globals = readGlobals(parsed, process.env);
    const list = readListOptions(parsed);
    const filters = readFilters(parsed, CONTAINER_FILTERS);
    if (isPlain(options, filters, list)) await printPlain(globals, options);
    else await printSelected(globals, options, filters, list);
    finish(0);
  });
}

async function printSelected(globals: Globals, options: Options, filters: Filters, list: ListOptions): Promise<void> {
  const { root } = await readStatePaths(globals);
  const containers = selected(summarizeAll(root, notListed), options, filters);
  const sizes = options.size === true;
  const sized = sizes || list.format.includes('.Size') ? await withSizes(containers, globals) : containers;
  await printList(sized, containerList({ whole: !options.trunc, sizes, now: Date.now() }), list);
}

/** Whether neither the list nor what is shown of it depends on more than one container at a time. */
function isPlain({ size, last, latest }: Options, filters: Filters, { format, quiet }: ListOptions): boolean {
  const narrowed = last !== undefined || latest || Object.keys(filters).length > 0;
  return format === 'table' && !quiet && !size && !narrowed;
}

/** Each container becomes its row as soon as it is read: of a thousand that run there is little else in memory. */
async function printPlain(globals: Globals, { all, trunc }: Options): Promise<void> {
  const { root } = await readStatePaths(globals);
  const shape = containerList({ whole: !trunc, sizes: false, now: Date.now() });
  const toRow = rowMaker(shape);
  const rows = convertAll(root, (each) => (all || isUp(each.state) ? toRow(each) : undefined), notListed);
  print(tableOfRows(rows, shape));
}

/** One that cannot be read does not hide the others. */
function notListed(error: Error, id: string): void {
  report(`container ${id.slice(0, 12)} is not listed`, error);
}

function report(what: string, error: Error): void {
  const fixes = error instanceof TsboxError ? error.fixes.map((line) => `  fix: ${line}\n`).join('') : '';
  printError(`tsbox: warning: ${what}: ${error.message}\n${fixes}`);
}

function selected(all: ContainerSummary[], options: Options, filters: Filters): ContainerSummary[] {
  const last = options.latest ? 1 : lastOf(options.last);
  const ended = options.all || last > 0 || asksForEnded(filters);
  const fitting = Object.keys(filters).length > 0 ? filterContainers(all, filters) : all;
  const shown = ended ? fitting : fitting.filter(({ state }) => isUp(state));
  return last > 0 ? shown.slice(0, last) : shown;
}

/** docker takes -1 for no limit. */
function lastOf(text = '-1'): number {
  if (/^(-1|[1-9]\d*)$/.test(text)) return Number(text);
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot list the last ${text}`,
    why: 'it is no number of containers',
    fix: 'tsbox ps -n 5',
  });
}

async function withSizes(containers: readonly ContainerSummary[], globals: Globals): Promise<ContainerSummary[]> {
  const { openSession } = await import('../engine.js');
  const { SizeReader } = await import('../../core/containers/size.js');
  const { engine } = await openSession(globals);
  try {
    const reader = new SizeReader(engine);
    const sized: ContainerSummary[] = [];
    for (const container of containers) {
      const size = await reader
        .read(container.id)
        .catch((error: Error) => report(`no size of ${container.name}`, error));
      sized.push({ ...container, ...(size && { size }) });
    }
    return sized;
  } finally {
    await engine.close();
  }
}
