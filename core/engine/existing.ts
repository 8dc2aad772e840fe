import { TsboxError } from '../plugin/error.js';
import { type ContainerRecord, containerDirectory, readDetails, readRecord, writeRecord } from '../state/record.js';
import type { ExistingContainer } from './resolve.js';

/** What is kept of a container. @throws TsboxError when there is none, or it is damaged */
export function readExisting(root: string, id: string): ExistingContainer {
  const directory = containerDirectory(root, id);
  const record = readRecord(directory);
  if (record) return { record, details: readDetails(directory) };
  throw new TsboxError('ERR_TSBOX_NO_SUCH_CONTAINER', {
    what: `cannot find container ${id.slice(0, 12)}`,
    why: 'it has no record: it is being made, or removed',
  });
}

/** A container that could not be started again stays as it was, and says why. */
export function rememberFailure(root: string, before: ContainerRecord, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const exitCode = error instanceof TsboxError ? error.exitStatus : 125;
  const diagnosis = error instanceof TsboxError ? error.diagnosis : undefined;
  const { diagnosis: _, ...rest } = before;
  const record = { ...rest, error: message, exitCode, ...(diagnosis !== undefined && { diagnosis }) };
  writeRecord(containerDirectory(root, before.id), record, true);
}
