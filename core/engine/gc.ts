import { closeSync, openSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';
import type { UndoContext } from '../plugin/plugin.js';
import { readJournal } from '../state/journal.js';
import { isAlive } from '../state/process-identity.js';
import type { PluginRegistry } from './registry.js';
import { undo } from './teardown.js';

const LOCK_EX_NB = 2 | 4;

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
  const left = new Set(held);
  const failures = await undo({ held, release: (entry) => left.delete(entry) }, registry, context, false);
  report.failures.push(...failures);
  if (left.size > 0) return;
  unlinkSync(path);
  if (header) report.cleaned.push(header.container);
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
