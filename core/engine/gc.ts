import { closeSync, openSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';
import type { UndoContext } from '../plugin/plugin.js';
import { readJournal } from '../state/journal.js';
import { isAlive } from '../state/process-identity.js';
import { readRecord, writeRecord } from '../state/record.js';
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
    const lock = lockedJournal(context.gate, path);
    if (lock === undefined) continue;
    try {
      await replay(path, registry, context, report);
    } finally {
      closeSync(lock);
    }
  }
  return report;
}

async function replay(path: string, registry: PluginRegistry, context: UndoContext, report: GcReport): Promise<void> {
  const { header, held } = readJournal(path);
  if (header && isAlive(header.owner)) return;
  const keep = header !== undefined && staysListed(context.root, header.container);
  const left = new Set(held);
  const failures = await undo({ held, release: (entry) => left.delete(entry) }, registry, context, keep);
  report.failures.push(...failures);
  if ([...left].some((entry) => !(keep && entry.keep))) return;
  unlinkSync(path);
  if (header) report.cleaned.push(header.container);
}

/**
 * A container whose command ran when its engine died is the user's, with what it wrote: it ended
 * with the engine, and stays until it is removed. One that was still being made was never there.
 */
function staysListed(root: string, id: string): boolean {
  const directory = join(root, 'containers', id);
  const record = readRecord(directory);
  if (record?.status !== 'running' || record.autoRemove) return false;
  writeRecord(directory, { ...record, status: 'exited', exitCode: KILLED, finished: new Date().toISOString() }, true);
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
