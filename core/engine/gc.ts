import { closeSync, fstatSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';
import { TsboxError } from '../plugin/error.js';
import type { UndoContext } from '../plugin/plugin.js';
import {
  JOURNAL_SUFFIX,
  journalPath,
  readJournal,
  readMark,
  removeIfThere,
  removeJournal,
  TEMPORARY_PREFIX,
  unmarkOwner,
} from '../state/journal-file.js';
import { isAlive } from '../state/process-identity.js';
import { storageError } from '../state/storage-error.js';
import { conclude } from './conclude.js';
import type { GcReport } from './gc-report.js';
import type { PluginRegistry } from './registry.js';
import { undoKept } from './remains.js';
import { undo } from './teardown.js';

const LOCK_EX_NB = 2 | 4;
const PAUSE_MS = 5;

export type { GcReport } from './gc-report.js';

/**
 * Replays the journals of dead owners. Journals of living ones are left alone; two passes at once do not meet.
 *
 * The cheap pass, at every start, reads no journal whose owner's pid is in use, whoever has it by now:
 * with a thousand containers it looks at their names. `thorough`, for `tsbox gc`, reads all of them, and
 * finds what is there without a journal: after a reboot, or when the runroot was deleted.
 */
export async function collectGarbage(
  registry: PluginRegistry,
  context: UndoContext,
  thorough: boolean,
): Promise<GcReport> {
  const report: GcReport = { cleaned: [], failures: [] };
  const files = list(join(context.runroot, 'journal'));
  for (const file of files) if (file.startsWith(TEMPORARY_PREFIX)) removeUnfinished(context.runroot, file);
  for (const container of thorough ? allJournals(files) : abandonedJournals(files)) {
    try {
      await visit(container, registry, context, report);
    } catch (error) {
      report.failures.push(error as Error);
    }
  }
  if (thorough) {
    const { collectRemains } = await import('./gc-remains.js');
    await collectRemains(registry, context, report);
  }
  return report;
}

function allJournals(files: readonly string[]): Set<string> {
  const journals = files.filter((file) => file.endsWith(JOURNAL_SUFFIX) && !file.startsWith(TEMPORARY_PREFIX));
  const marked = files.map((file) => readMark(file)?.container).filter((container) => container !== undefined);
  return new Set([...journals.map((file) => file.slice(0, -JOURNAL_SUFFIX.length)), ...marked]);
}

/** Those with a mark of a process that is not there. */
function abandonedJournals(files: readonly string[]): Set<string> {
  const abandoned = new Set<string>();
  for (const file of files) {
    const mark = readMark(file);
    if (mark && !isThere(mark.pid)) abandoned.add(mark.container);
  }
  return abandoned;
}

/** kill(2) with signal 0 asks. EPERM: it is somebody else's. */
function isThere(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

/** Nothing was acquired yet by an engine that died while it made its journal. */
function removeUnfinished(runroot: string, file: string): void {
  const pid = Number.parseInt(file.slice(TEMPORARY_PREFIX.length), 10);
  if (!isThere(pid)) removeIfThere(join(runroot, 'journal', file));
}

/**
 * Takes back what the last run of a container held, and writes down its end; for whoever knows that the run
 * is over, and has the container's lock. @returns failures
 */
export async function settleRun(container: string, registry: PluginRegistry, context: UndoContext): Promise<Error[]> {
  const report: GcReport = { cleaned: [], failures: [] };
  while ((await visit(container, registry, context, report, true)) === 'busy') await sleep(PAUSE_MS);
  // Without a journal, after a reboot, the end is still to be written down.
  if (staysListed(context.root, container, report) === 'no')
    report.failures.push(...(await undoKept(container, registry, context)));
  return report.failures;
}

async function visit(
  container: string,
  registry: PluginRegistry,
  context: UndoContext,
  report: GcReport,
  over = false,
): Promise<'busy' | 'done'> {
  const path = journalPath(context.runroot, container);
  const lock = lockedJournal(context.gate, path);
  // A mark without a journal is of an engine that died while it removed both.
  if (lock === 'missing') removeJournal(path);
  if (typeof lock !== 'number') return lock === undefined ? 'busy' : 'done';
  try {
    await replay({ path, fd: lock, container, over }, registry, context, report);
    return 'done';
  } finally {
    closeSync(lock);
  }
}

interface FoundJournal {
  readonly container: string;
  readonly path: string;
  /** By descriptor: its owner may end well, and remove it, between any two of our calls. */
  readonly fd: number;
  /** The run is known to be over: its monitor may live yet, and does not write to the journal. */
  readonly over: boolean;
}

async function replay(
  { container, path, fd, over }: FoundJournal,
  registry: PluginRegistry,
  context: UndoContext,
  report: GcReport,
): Promise<void> {
  const { header } = readJournal(fd);
  if (header && isAlive(header.owner) && !over) return unmarkOthers(path, container, header.owner.pid);
  // Nobody writes to it any more. One whose owner ended well after all is gone; what it says is over.
  if (fstatSync(fd).nlink === 0) return;
  const { held, problem } = readJournal(fd);
  if (problem !== undefined) report.failures.push(damaged(path, problem, container));
  // Whose it is cannot be known: its container may run.
  if (!header) return;
  const keep = staysListed(context.root, container, report);
  const left = new Set(held);
  const failures = await undo(
    { held, release: (entry) => left.delete(entry) },
    { registry, context, keep: keep !== 'no' },
  );
  report.failures.push(...failures);
  if (keep === 'no') report.failures.push(...(await undoKept(container, registry, context)));
  if ([...left].some((entry) => !(keep === 'yes' && entry.keep))) return;
  removeJournal(path);
  report.cleaned.push(container);
}

/** Its owner was killed while it gave the journal away: the marks say more than one pid. */
function unmarkOthers(path: string, container: string, pid: number): void {
  for (const file of list(join(path, '..'))) {
    const mark = readMark(file);
    if (mark?.container === container && mark.pid !== pid) unmarkOwner(path, mark.pid);
  }
}

/** `damaged`: it stays, and its journal is all that says how to remove it. */
function staysListed(root: string, id: string, report: GcReport): 'yes' | 'no' | 'damaged' {
  try {
    return conclude(root, id) ? 'yes' : 'no';
  } catch (error) {
    report.failures.push(error as Error);
    return 'damaged';
  }
}

function damaged(path: string, problem: string, container: string): TsboxError {
  return new TsboxError('ERR_TSBOX_STATE', {
    what: `cannot read all of ${path}`,
    why: problem,
    fix: `tsbox rm -f ${container.slice(0, 12)}, when that container does not run`,
  });
}

/** Opens and locks a journal; undefined when somebody else replays it. */
function lockedJournal(gate: Gate, path: string): number | 'missing' | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 'missing';
    throw storageError(error, path, `cannot read ${path}`) ?? error;
  }
  try {
    gate.call('flock', fd, LOCK_EX_NB);
    return fd;
  } catch (error) {
    closeSync(fd);
    if (hasCode(error, 'EAGAIN', 'EWOULDBLOCK')) return undefined;
    throw error;
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    // ENOTDIR: the runroot is a file. A launch says so; there is nothing to collect.
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw storageError(error, directory, `cannot read ${directory}`) ?? error;
  }
}
