import { closeSync, existsSync, fstatSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';
import type { UndoContext } from '../plugin/plugin.js';
import { JOURNAL_SUFFIX, readJournal, TEMPORARY_PREFIX } from '../state/journal.js';
import { isAlive } from '../state/process-identity.js';
import { containerDirectory, readRecord, writeRecord } from '../state/record.js';
import type { PluginRegistry } from './registry.js';
import { undo } from './teardown.js';

const LOCK_EX_NB = 2 | 4;
/** 128 + SIGKILL: PR_SET_PDEATHSIG ended it. */
const KILLED = 137;

/** What one pass found and did. */
export interface GcReport {
  /** Ids of containers whose engine had died and of which nothing is left now. */
  readonly cleaned: string[];
  readonly failures: Error[];
}

/** Replays the journals of dead engines. Other engines' journals are left alone; two passes at once do not meet. */
export async function collectGarbage(registry: PluginRegistry, context: UndoContext): Promise<GcReport> {
  const report: GcReport = { cleaned: [], failures: [] };
  const directory = join(context.runroot, 'journal');
  for (const file of list(directory)) {
    const path = join(directory, file);
    if (file.startsWith(TEMPORARY_PREFIX)) removeUnfinished(path, file);
    if (!file.endsWith(JOURNAL_SUFFIX) || file.startsWith(TEMPORARY_PREFIX)) continue;
    const lock = lockedJournal(context.gate, path);
    if (lock === undefined) continue;
    try {
      await replay({ path, fd: lock }, registry, context, report);
    } finally {
      closeSync(lock);
    }
  }
  return report;
}

/** Nothing was acquired yet by an engine that died while it made its journal. */
function removeUnfinished(path: string, file: string): void {
  const pid = Number.parseInt(file.slice(TEMPORARY_PREFIX.length), 10);
  if (!existsSync(`/proc/${pid}`)) rmSync(path, { force: true });
}

interface FoundJournal {
  readonly path: string;
  /** By descriptor: its owner may end well, and remove it, between any two of our calls. */
  readonly fd: number;
}

async function replay(
  { path, fd }: FoundJournal,
  registry: PluginRegistry,
  context: UndoContext,
  report: GcReport,
): Promise<void> {
  const { header } = readJournal(fd);
  if (header && isAlive(header.owner)) return;
  // Nobody writes to it any more. One whose owner ended well after all is gone; what it says is over.
  if (fstatSync(fd).nlink === 0) return;
  const { held } = readJournal(fd);
  const keep = header !== undefined && staysListed(context.root, header.container);
  const left = new Set(held);
  const failures = await undo({ held, release: (entry) => left.delete(entry) }, registry, context, keep);
  report.failures.push(...failures);
  if ([...left].some((entry) => !(keep && entry.keep))) return;
  rmSync(path, { force: true });
  if (header) report.cleaned.push(header.container);
}

/**
 * A container whose command ran when its engine died is the user's, with what it wrote: it ended
 * with the engine, and stays until it is removed. One that was still being made was never there.
 */
function staysListed(root: string, id: string): boolean {
  const directory = containerDirectory(root, id);
  const record = readRecord(directory);
  if (!record || record.autoRemove) return false;
  if (record.status === 'running') {
    const finished = new Date().toISOString();
    writeRecord(directory, { ...record, status: 'exited', exitCode: KILLED, finished }, true);
  }
  return true;
}

/** Opens and locks a journal; undefined when somebody else replays it, or it is gone. */
function lockedJournal(gate: Gate, path: string): number | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
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
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
