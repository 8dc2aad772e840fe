import { existsSync } from 'node:fs';
import { hasCode } from '../kernel/error.js';
import type { UndoContext } from '../plugin/plugin.js';
import { withContainerLock } from '../state/container-lock.js';
import { currentState } from '../state/containers.js';
import { journalPath } from '../state/journal-file.js';
import { listNames, ownerOfName, releaseName, takeName } from '../state/names.js';
import { type ContainerRecord, containerDirectory, containerIds, readRecord } from '../state/record.js';
import { conclude } from './conclude.js';
import type { GcReport } from './gc-report.js';
import type { PluginRegistry } from './registry.js';
import { removeRemains } from './remains.js';

const LIVES: readonly string[] = ['running', 'paused', 'restarting', 'created'];

/**
 * What there is without a journal: after a reboot, which takes the runroot with it, or when somebody deleted
 * that. A container that was being made, or had `--rm`, is removed; of another the end is written down.
 * A damaged one is left to `rm -f`.
 */
export async function collectRemains(registry: PluginRegistry, context: UndoContext, report: GcReport): Promise<void> {
  const { root, gate } = context;
  const steps = [
    ...containerIds(root).map((id) => () => collectContainer(id, registry, context, report)),
    () => collectNames(root, context.runroot),
    async () => (await import('../image/staging.js')).sweepStaging(gate, `${root}/images`),
    async () => (await import('../volumes/sweep.js')).sweepVolumes(gate, root),
  ];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      report.failures.push(error as Error);
    }
  }
}

async function collectContainer(
  id: string,
  registry: PluginRegistry,
  context: UndoContext,
  report: GcReport,
): Promise<void> {
  const directory = containerDirectory(context.root, id);
  // A launch has its journal before its directory, and until its record is written.
  if (!/^[0-9a-f]{64}$/.test(id) || existsSync(journalPath(context.runroot, id))) return;
  try {
    await withContainerLock(context.gate, directory, async () => {
      const record = readable(directory);
      if (record === 'damaged' || (record && LIVES.includes(currentState(record, directory).state))) return;
      if (conclude(context.root, id)) return;
      const failures = await removeRemains(id, registry, context);
      report.failures.push(...failures);
      if (failures.length === 0) report.cleaned.push(id);
    });
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
  }
}

function readable(directory: string): ContainerRecord | 'damaged' | undefined {
  try {
    return readRecord(directory);
  } catch (error) {
    if (hasCode(error, 'ERR_TSBOX_STATE')) return 'damaged';
    throw error;
  }
}

/** Gives back names of containers that are not there, and mends the files that are damaged. */
function collectNames(root: string, runroot: string): void {
  for (const name of listNames(root)) {
    const owner = ownerOrDamaged(root, name);
    // One that is being made has a journal, and a directory soon.
    const isTaken = existsSync(journalPath(runroot, owner)) || existsSync(containerDirectory(root, owner));
    if (owner !== '' && isTaken) continue;
    const named = owner === '' ? idsNamed(root, name) : [];
    releaseName(root, name, owner);
    if (named[0] !== undefined) takeName(root, name, named[0]);
  }
}

function ownerOrDamaged(root: string, name: string): string {
  try {
    return ownerOfName(root, name) ?? '';
  } catch (error) {
    if (hasCode(error, 'ERR_TSBOX_STATE')) return '';
    throw error;
  }
}

function idsNamed(root: string, name: string): string[] {
  return containerIds(root).filter((id) => {
    const record = readable(containerDirectory(root, id));
    return record !== undefined && record !== 'damaged' && record.name === name;
  });
}
