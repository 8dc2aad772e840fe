import { closeSync, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { hasCode } from '../kernel/error.js';
import { O_CLOEXEC, O_PATH, oDirectory } from '../kernel/fcntl.js';
import type { Gate } from '../kernel/gate.js';
import { AT_FDCWD } from '../kernel/mount.js';
import { TsboxError } from '../plugin/error.js';
import { openMerged, openMergedDirectory } from './merged-path.js';
import { openInRoot } from './open-in-root.js';

const MAX_SIZE = 1 << 20;

/** Reads files of an image as a container will see them: all layers merged, links resolved inside. */
export class LayerView {
  readonly #gate: Gate;
  readonly #layers: readonly string[];

  /** @param layers lowest first */
  constructor(gate: Gate, layers: readonly string[]) {
    this.#gate = gate;
    this.#layers = layers;
  }

  /**
   * The text of a file; undefined when it is missing or not a regular file.
   * @throws TsboxError ERR_TSBOX_IMAGE_INVALID when it is unreadable or larger than 1 MiB
   */
  readFile(path: string): string | undefined {
    return this.#open(path, (file) => readRegular(file, path));
  }

  /** Whether there is a regular file at a path. */
  isFile(path: string): boolean {
    return this.#open(path, (file) => fstatSync(file).isFile()) ?? false;
  }

  /** Uses an O_PATH descriptor of what is at a path; undefined where nothing is. @throws as {@link readFile} */
  lookAt<T>(path: string, use: (file: number) => T): T | undefined {
    return this.#open(path, use, true);
  }

  #open<T>(path: string, use: (file: number) => T, directories = false): T | undefined {
    try {
      return this.#opened(path, use, directories);
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
      if (error instanceof TsboxError) throw error;
      throw unreadable(path, error instanceof Error ? error.message : String(error), error);
    }
  }

  #opened<T>(path: string, use: (file: number) => T, directories: boolean): T | undefined {
    const open: number[] = [];
    try {
      for (const layer of this.#layers) open.push(this.#openRoot(layer));
      const file =
        open.length === 1
          ? openInRoot(this.#gate, open[0] as number, path, O_PATH)
          : openMerged(this.#gate, open, path);
      if (file !== undefined) open.push(file);
      const [directory] = file === undefined && directories ? this.#directory(open, path) : [];
      const found = file ?? directory;
      return found === undefined ? undefined : use(found);
    } finally {
      for (const fd of open) closeSync(fd);
    }
  }

  /** A merged directory is one of each layer that has it. @param open takes them to be closed */
  #directory(open: number[], path: string): readonly number[] {
    if (open.length === 1) return [];
    const found = openMergedDirectory(this.#gate, [...open], path) ?? [];
    open.push(...found);
    return found;
  }

  #openRoot(layer: string): number {
    return this.#gate.call('openat', AT_FDCWD, layer, O_PATH | O_CLOEXEC | oDirectory(this.#gate.arch), 0);
  }
}

/**
 * Looked at through O_PATH first: merely opening a device or a fifo that an image contains can
 * block or do something. What is opened then is the pinned inode, by no path of the image.
 */
function readRegular(pinned: number, path: string): string | undefined {
  const stat: Stats = fstatSync(pinned);
  if (!stat.isFile()) return undefined;
  if (stat.size > MAX_SIZE) throw unreadable(path, `it has ${stat.size} bytes, more than ${MAX_SIZE}`);
  const fd = openSync(`/proc/self/fd/${pinned}`, 'r');
  try {
    const buffer = Buffer.alloc(stat.size);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(fd, buffer, length, buffer.length - length, length);
    }
    return buffer.toString('utf8', 0, length);
  } finally {
    closeSync(fd);
  }
}

function unreadable(path: string, why: string, cause?: unknown): TsboxError {
  return new TsboxError('ERR_TSBOX_IMAGE_INVALID', { what: `cannot read the image's ${path}`, why, cause });
}
