import type { Engine } from '../engine/index.js';
import { hasCode } from '../kernel/error.js';
import type { StorageDriver } from '../plugin/drivers.js';
import { TsboxError } from '../plugin/error.js';
import { type ContainerState, requireContainer } from '../state/containers.js';
import { type ContainerDetails, readDetails } from '../state/record.js';
import { ContainerIds } from './ids.js';
import { PairedTrees } from './tree/paired-trees.js';

/** A container whose files are read where its storage driver keeps them, without what is mounted in it. */
export interface StoredFiles {
  readonly container: ContainerState;
  readonly details: ContainerDetails;
  /** What it began with and what it has; the root comes first. */
  readonly trees: readonly PairedTrees[];
  /** How its owners are written there. */
  readonly ids: ContainerIds;
}

/**
 * Opens the files of a container, running or not; they are closed when `use` has ended.
 * @param what for errors: `cannot export container web`
 * @throws TsboxError
 */
export async function withStoredFiles<Result>(
  engine: Engine,
  reference: string,
  what: string,
  use: (files: StoredFiles) => Promise<Result>,
): Promise<Result> {
  const files = await openStoredFiles(engine, reference, what);
  try {
    return await use(files);
  } catch (error) {
    throw explained(what, error);
  } finally {
    files.close();
  }
}

/** The same for a caller that closes them. @throws TsboxError */
export async function openStoredFiles(
  engine: Engine,
  reference: string,
  what: string,
): Promise<StoredFiles & { close(): void }> {
  const container = requireContainer(engine.paths.root, reference);
  if (container.state === 'creating' || container.state === 'removing') throw notThere(what, container.state);
  const details = readDetails(container.directory);
  const driver = await engine.driver('storage', details.drivers.storage.name);
  const trees = pairs(engine, container, details, driver, what);
  const close = () => {
    for (const tree of trees) tree.close();
  };
  try {
    for (const tree of trees) tree.open();
  } catch (error) {
    close();
    throw explained(what, error);
  }
  return { container, details, trees, ids: ContainerIds.onDisk(engine.host, details), close };
}

function pairs(
  { gate, host }: Engine,
  { directory }: ContainerState,
  details: ContainerDetails,
  driver: StorageDriver,
  what: string,
): PairedTrees[] {
  const userns = details.facts['user-map'] !== undefined;
  const stored = driver.contents?.({ directory, image: details.image, userns });
  if (stored) return stored.map((tree) => new PairedTrees(gate, host, tree));
  throw new TsboxError('ERR_TSBOX_NOT_ENFORCEABLE', {
    what,
    why: `the storage driver ${details.drivers.storage.name} cannot say where the files of a container are`,
    fix: 'a storage driver has contents() for that',
  });
}

function notThere(what: string, state: string): TsboxError {
  return new TsboxError('ERR_TSBOX_CONTAINER_STATE', {
    what,
    why: state === 'creating' ? 'it is being made' : 'it is being removed',
  });
}

/** A failed call of the kernel, in words. */
export function explained(what: string, error: unknown): unknown {
  if (error instanceof TsboxError || !(error instanceof Error && 'code' in error)) return error;
  const why = error.message;
  const fix = hasCode(error, 'ENOENT')
    ? 'a layer of its image is gone, or the container was removed meanwhile'
    : hasCode(error, 'ENAMETOOLONG')
      ? 'it has directories that are nested too deeply: paths end at 4096 bytes'
      : hasCode(error, 'EACCES', 'EPERM')
        ? 'some of its files belong to ids that only root may read: run tsbox as root'
        : [];
  return new TsboxError('ERR_TSBOX_COPY', { what, why, fix, cause: error });
}
