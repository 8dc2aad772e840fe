import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';
import { TsboxError } from '../plugin/error.js';
import type { UndoContext } from '../plugin/plugin.js';
import { journalPath, readJournal, readMark } from '../state/journal-file.js';
import { isAlive, type ProcessIdentity } from '../state/process-identity.js';
import type { PluginRegistry } from './registry.js';
import { removeRemains } from './remains.js';

const SIGKILL = 9;
const PATIENCE_MS = 10_000;

/**
 * Removes a container whose files do not say any more what it is. Its monitor is ended, and the container
 * with it (PR_SET_PDEATHSIG); an engine that has it in the foreground is not ours to end.
 * @returns failures @throws TsboxError while an engine has it
 */
export async function removeDamaged(
  reference: string,
  id: string,
  registry: PluginRegistry,
  context: UndoContext,
): Promise<Error[]> {
  const journal = journalPath(context.runroot, id);
  const owner = ownerOf(journal);
  if (owner && isAlive(owner)) {
    if (!isMonitor(owner.pid)) throw owned(reference, owner.pid);
    await end(context.gate, owner);
  }
  if (!owner) for (const pid of markedPids(journal, id)) if (mayOwn(pid)) throw owned(reference, pid);
  return removeRemains(id, registry, context);
}

function ownerOf(journal: string): ProcessIdentity | undefined {
  let fd: number;
  try {
    fd = openSync(journal, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return readJournal(fd).header?.owner;
  } finally {
    closeSync(fd);
  }
}

/** Whose journal it is, as its marks say where the journal itself does not. */
function markedPids(journal: string, id: string): number[] {
  try {
    return readdirSync(dirname(journal)).flatMap((file) => {
      const mark = readMark(file);
      return mark?.container === id ? [mark.pid] : [];
    });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function end(gate: Gate, owner: ProcessIdentity): Promise<void> {
  const pidfd = gate.attempt('pidfd_open', owner.pid, 0);
  if (pidfd >= 0 && isAlive(owner)) gate.attempt('pidfd_send_signal', pidfd, SIGKILL, null, 0);
  if (pidfd >= 0) closeSync(pidfd);
  const deadline = performance.now() + PATIENCE_MS;
  while (isAlive(owner) && performance.now() < deadline) await sleep(2);
}

/** The launcher runs from a sealed memfd, or from a file of this name. */
function isMonitor(pid: number): boolean {
  return executable(pid).includes('tsbox-launcher');
}

/** A pid may be anybody's by now: only what could be an engine or a monitor counts. */
function mayOwn(pid: number): boolean {
  return isMonitor(pid) || executable(pid) === process.execPath;
}

function executable(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return '';
  }
}

function owned(reference: string, pid: number): TsboxError {
  return new TsboxError('ERR_TSBOX_CONTAINER_RUNNING', {
    what: `cannot remove container ${reference}`,
    why: `process ${pid} has it, and its files are damaged`,
    fix: `end that process first: kill ${pid}`,
  });
}
