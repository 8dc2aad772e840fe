import { currentState } from '../state/containers.js';
import { type ContainerRecord, containerDirectory, readRecord, writeRecord } from '../state/record.js';

/**
 * Writes down how the last run of a container ended, whose owner is dead.
 * @returns whether the container stays: one whose command ran is the user's, with what it wrote, until it
 * is removed. One that was still being made was never there; one with `--rm` ends with its run.
 */
export function conclude(root: string, id: string): boolean {
  const directory = containerDirectory(root, id);
  const record = readRecord(directory);
  if (!record || record.status === 'creating' || record.status === 'removing') return false;
  const { unsettled, exitCode, finished, oomKilled } = currentState(record, directory);
  if (record.autoRemove && record.status !== 'created') return false;
  if (!unsettled) return true;
  const { paused: _, ...rest } = record;
  const ended: ContainerRecord = {
    ...rest,
    status: 'exited',
    ports: [],
    ...(exitCode !== undefined && { exitCode }),
    finished: new Date(finished ?? Date.now()).toISOString(),
    oomKilled,
  };
  writeRecord(directory, ended, true);
  return true;
}
