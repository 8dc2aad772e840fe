import { join } from 'node:path';
import { SizeReader } from '../containers/size.js';
import { type ContainerSummary, isUp, summarizeAll } from '../containers/summary.js';
import type { Engine } from '../engine/index.js';
import { type ImageListing, imageDirectory, imagesDirectory, listImages } from '../image/store.js';
import { listUnpackedTars, type UnpackedTar } from '../image/tar-cache.js';
import { treeSize } from '../kernel/tree/tree-size.js';
import { listVolumes, type VolumeInfo } from '../volumes/list.js';
import { layersInUse } from './layers-in-use.js';

/** Bytes, and who uses them. */
interface Used {
  readonly bytes: number;
  /** How many containers. */
  readonly containers: number;
}

export interface DiskUsage {
  readonly images: readonly (ImageListing & Used)[];
  /** Of all images together: files that they share count once. */
  readonly imageBytes: number;
  readonly containers: readonly (ContainerSummary & { readonly bytes: number })[];
  readonly volumes: readonly (VolumeInfo & Used)[];
  readonly tars: readonly (UnpackedTar & Used)[];
}

/** What a list of usage has one line of. */
export interface UsageLine {
  readonly type: 'Images' | 'Containers' | 'Local Volumes' | 'Tar Cache';
  readonly total: number;
  readonly active: number;
  readonly bytes: number;
  /** What prune would free: all that no container uses, and what containers wrote that do not run. */
  readonly reclaimable: number;
}

/**
 * Looks at everything below the root, also while containers run: what vanishes meanwhile is not counted.
 * @param onError is told of each thing that cannot be read, which is left out
 */
export async function diskUsage(engine: Engine, onError: (error: Error) => void): Promise<DiskUsage> {
  const { gate, host, paths } = engine;
  const { root } = paths;
  const { users } = layersInUse(root);
  const usersOf = (layer: string): number => users.get(layer)?.length ?? 0;
  const tars = await mapAsync(listUnpackedTars(root, gate, host), async (tar) => {
    return { ...tar, bytes: await treeSize(gate, tar.layer), containers: usersOf(tar.layer) };
  });
  const images = listImages(root).map((image) => {
    return { ...image, containers: usersOf(join(imageDirectory(root, image), 'layer')) };
  });
  const all = images.length > 0 || tars.length > 0 ? await treeSize(gate, imagesDirectory(root)) : 0;
  const sizes = new SizeReader(engine);
  const containers = await mapAsync(summarizeAll(root, onError), async (container) => {
    const size = await sizes.read(container.id).catch(onError);
    return { ...container, bytes: size?.written ?? 0 };
  });
  const volumes = await mapAsync(listVolumes(root, onError), async (volume) => {
    return { ...volume, bytes: await treeSize(gate, volume.mountpoint), containers: volume.users.length };
  });
  return { images, imageBytes: Math.max(0, all - sum(tars)), containers, volumes, tars };
}

export function usageLines({ images, imageBytes, containers, volumes, tars }: DiskUsage): UsageLine[] {
  const unused = <Item extends Used>(items: readonly Item[]) => items.filter((item) => item.containers === 0);
  const line = (type: UsageLine['type'], items: readonly Used[], bytes = sum(items)): UsageLine => {
    const free = unused(items);
    // Of files that several images share nobody knows whose they are.
    const reclaimable = free.length === items.length ? bytes : Math.min(bytes, sum(free));
    return { type, total: items.length, active: items.length - free.length, bytes, reclaimable };
  };
  const running = containers.filter(({ state }) => isUp(state));
  return [
    line('Images', images, imageBytes),
    {
      type: 'Containers',
      total: containers.length,
      active: running.length,
      bytes: sum(containers),
      reclaimable: sum(containers) - sum(running),
    },
    line('Local Volumes', volumes),
    line('Tar Cache', tars),
  ];
}

function sum(items: readonly { readonly bytes: number }[]): number {
  return items.reduce((total, { bytes }) => total + bytes, 0);
}

async function mapAsync<Item, Result>(items: readonly Item[], to: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await to(item));
  return results;
}
