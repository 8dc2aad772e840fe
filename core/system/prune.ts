import { join } from 'node:path';
import { removeContainer } from '../containers/remove.js';
import { SizeReader } from '../containers/size.js';
import { type ContainerSummary, summarizeAll } from '../containers/summary.js';
import type { Engine } from '../engine/index.js';
import type { ImageName } from '../image/reference.js';
import { imageDirectory, listImages, removeImage } from '../image/store.js';
import { listUnpackedTars, removeUnpackedTar } from '../image/tar-cache.js';
import { treeSize } from '../kernel/tree/tree-size.js';
import { TsboxError } from '../plugin/error.js';
import { listVolumes, type VolumeInfo } from '../volumes/list.js';
import { removeUnused } from '../volumes/remove.js';
import { layersInUse } from './layers-in-use.js';

/** What was removed, by id or name, and how many bytes that were. */
export interface Pruned {
  readonly removed: readonly string[];
  readonly bytes: number;
}

export interface PruneOptions<Item> {
  /** Which of those that could go. */
  readonly fits?: (item: Item) => boolean;
  /** Is told of each that could not be removed, which stays. */
  readonly onError?: (error: Error) => void;
}

const STOPPED: readonly string[] = ['created', 'exited'];
/** Somebody started, removed or took it meanwhile. */
const PASSED_OVER: readonly string[] = [
  'ERR_TSBOX_CONTAINER_RUNNING',
  'ERR_TSBOX_NO_SUCH_CONTAINER',
  'ERR_TSBOX_IMAGE_NOT_FOUND',
];

/** Removes the containers that do not run. Their anonymous volumes stay, as docker has it. */
export async function pruneContainers(engine: Engine, options: PruneOptions<ContainerSummary> = {}): Promise<Pruned> {
  const { fits = () => true, onError = () => {} } = options;
  const sizes = new SizeReader(engine);
  const stopped = summarizeAll(engine.paths.root, onError).filter(({ state }) => STOPPED.includes(state));
  return removeEach(stopped.filter(fits), onError, async ({ id }) => {
    const { written } = await sizes.read(id);
    await removeContainer(engine, id);
    return { removed: id, bytes: written };
  });
}

/** Removes volumes that no container has, running or not. @param all those with names, too */
export async function pruneVolumes(
  engine: Engine,
  all: boolean,
  options: PruneOptions<VolumeInfo> = {},
): Promise<Pruned> {
  const { fits = () => true, onError = () => {} } = options;
  const { gate, paths } = engine;
  const unused = listVolumes(paths.root, onError).filter(
    ({ users, anonymous }) => users.length === 0 && (all || anonymous),
  );
  return removeEach(unused.filter(fits), onError, async ({ name }) => {
    let bytes = 0;
    const isGone = await removeUnused(gate, paths.root, name, async (data) => {
      bytes = await treeSize(gate, data);
    });
    return isGone ? { removed: name, bytes } : undefined;
  });
}

/**
 * Removes unpacked tar files that no container is made of and that no longer match their file.
 * @param all also those that do, and images that no container is made of
 */
export async function pruneImages(engine: Engine, all: boolean, options: PruneOptions<never> = {}): Promise<Pruned> {
  const { onError = () => {} } = options;
  const { gate, host, paths } = engine;
  const { users, launching } = layersInUse(paths.root);
  if (launching) {
    onError(busy());
    return { removed: [], bytes: 0 };
  }
  const tars = listUnpackedTars(paths.root, gate, host).filter((tar) => !users.has(tar.layer) && (all || !tar.current));
  const images = all ? listImages(paths.root).filter((image) => !users.has(layerOf(paths.root, image))) : [];
  const removedTars = await removeEach(tars, onError, async (tar) => {
    const bytes = await treeSize(gate, tar.layer);
    await removeUnpackedTar(paths.root, tar, gate);
    return { removed: tar.source ?? tar.key, bytes };
  });
  const removedImages = await removeEach(images, onError, async (image) => {
    const bytes = await treeSize(gate, layerOf(paths.root, image));
    await removeImage(paths.root, image.name, gate);
    return { removed: image.name, bytes };
  });
  return add(removedImages, removedTars);
}

function layerOf(root: string, image: ImageName): string {
  return join(imageDirectory(root, image), 'layer');
}

/** What several prunings removed together. */
export function add(...all: readonly Pruned[]): Pruned {
  return {
    removed: all.flatMap(({ removed }) => removed),
    bytes: all.reduce((total, { bytes }) => total + bytes, 0),
  };
}

async function removeEach<Item>(
  items: readonly Item[],
  onError: (error: Error) => void,
  remove: (item: Item) => Promise<{ readonly removed: string; readonly bytes: number } | undefined>,
): Promise<Pruned> {
  const removed: string[] = [];
  let bytes = 0;
  for (const item of items) {
    try {
      const done = await remove(item);
      if (!done) continue;
      removed.push(done.removed);
      bytes += done.bytes;
    } catch (error) {
      if (!(error instanceof TsboxError && PASSED_OVER.includes(error.code))) onError(error as Error);
    }
  }
  return { removed, bytes };
}

function busy(): TsboxError {
  return new TsboxError('ERR_TSBOX_IN_USE', {
    what: 'images are left alone',
    why: 'a container is being made at this moment',
    fix: 'do it again; tsbox gc removes what is left of launches that died',
  });
}
