import { closeSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { openMergedDirectory } from '../image/merged-path.js';
import { hasCode } from '../kernel/error.js';
import { O_CLOEXEC, O_PATH, oDirectory } from '../kernel/fcntl.js';
import type { Gate } from '../kernel/gate.js';
import type { Host } from '../kernel/host.js';
import { AT_FDCWD } from '../kernel/mount.js';
import { textOf } from '../kernel/tree/names.js';
import { TreeCopier } from '../kernel/tree/tree-copier.js';
import { TsboxError } from '../plugin/error.js';
import { removeTree } from '../state/remove-tree.js';
import { storageError } from '../state/storage-error.js';
import { volumeDirectory } from './volume.js';

export interface FillRequest {
  readonly gate: Gate;
  readonly host: Host;
  /** Of the image, lowest first. */
  readonly layers: readonly string[];
  /** Where the volume will be mounted: what the image has there is copied. */
  readonly target: string;
}

/** Whether nothing is in a volume's data. Reads one directory, through a descriptor that follows no link. */
export function isEmpty(root: string, name: string): boolean {
  return readdirSync(join(volumeDirectory(root, name), 'data')).length === 0;
}

/**
 * Fills a volume that is empty, and that nobody else has, with what an image has at a path: owners, modes and
 * extended attributes kept, links as they are. Made beside its place and renamed: all of it or nothing.
 * @returns what could not be kept, in words
 */
export async function fillVolume(root: string, name: string, request: FillRequest): Promise<string[]> {
  const { gate, host } = request;
  const directory = volumeDirectory(root, name);
  const filling = join(directory, '.filling');
  const opened: number[] = [];
  try {
    const sources = openSources(request, opened);
    if (!sources) return [];
    await removeTree(filling, gate);
    mkdirSync(filling, { mode: 0o700 });
    const copier = new TreeCopier(gate, host, (error, path) =>
      failed(error, name, `${request.target}/${textOf(path)}`),
    );
    // Lowest first, as it wants them; by descriptor, so that no path of an image is walked again.
    await copier.copy({ layers: sources.toReversed().map((fd) => `/proc/self/fd/${fd}`), target: filling });
    renameSync(filling, join(directory, 'data'));
    return [...copier.lostXattrs].map(([space, count]) => `${count} extended attributes ${space}.* were not copied`);
  } catch (error) {
    await removeTree(filling, gate);
    throw failed(error, name, request.target);
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

/** Descriptors of the directory in the layers that show it, topmost first; undefined where the image has none. */
function openSources({ gate, layers, target }: FillRequest, opened: number[]): readonly number[] | undefined {
  for (const layer of layers) {
    opened.push(gate.call('openat', AT_FDCWD, layer, O_PATH | O_CLOEXEC | oDirectory(gate.arch), 0));
  }
  const sources = openMergedDirectory(gate, [...opened], target);
  // A link in the image may lead to its root, which is open already.
  opened.push(...(sources ?? []).filter((fd) => !opened.includes(fd)));
  return sources;
}

function failed(error: unknown, name: string, path: string): Error {
  if (error instanceof TsboxError) return error;
  const what = `cannot fill volume ${name} with ${path} of the image`;
  const known = storageError(error, path, what);
  if (known) return known;
  const isDevice = hasCode(error, 'EPERM');
  return new TsboxError('ERR_TSBOX_STEP_FAILED', {
    what,
    why: error instanceof Error ? error.message : String(error),
    fix: isDevice
      ? 'an ordinary user cannot make devices: --mount type=volume,…,volume-nocopy leaves the volume empty'
      : '--mount type=volume,…,volume-nocopy leaves the volume empty',
    cause: error,
  });
}
