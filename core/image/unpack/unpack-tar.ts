import { closeSync, ftruncateSync, writeSync } from 'node:fs';
import { hasCode, SyscallError } from '../../kernel/error.js';
import { deviceNumber, O_PATH, O_RDONLY, oDirectory, S_IFBLK, S_IFCHR, S_IFIFO } from '../../kernel/fcntl.js';
import type { Gate } from '../../kernel/gate.js';
import type { TarEntry } from '../tar/tar-entry.js';
import { TarError } from '../tar/tar-error.js';
import { type Metadata, MetadataWriter } from './entry-metadata.js';
import { bytes, directoryOf, nameOf, readable, TreeWriter } from './tree-writer.js';
import { UnpackNotes } from './unpack-notes.js';

/** Errnos that speak of the archive, not of this machine. */
const ARCHIVE_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'it leads through a link to something that the archive does not have before it',
  ENOTDIR: 'a file is where a directory should be',
  EEXIST: 'a directory is where a file should be',
  ENOTEMPTY: 'a directory with files is where a file should be',
  ELOOP: 'its links go round in a circle',
  ENAMETOOLONG: 'its name is too long',
  EINVAL: 'the file system does not take it',
};

export interface UnpackOptions {
  readonly gate: Gate;
  /** Give files to the owners that the archive names, and make devices: needs root. */
  readonly keepOwners: boolean;
  /**
   * The directory is a container's or the user's own, with files in it and others at work there: what goes into
   * it is copied files, not an image. No link is followed, and nothing has a meaning by its name.
   */
  readonly isShared?: boolean;
}

/**
 * Unpacks the entries of an archive below an open directory; unless it is shared it is empty, and nobody else's.
 * @returns what was left out
 * @throws TarError about the archive, SyscallError about this machine
 */
export async function unpackTar(
  entries: AsyncIterable<TarEntry>,
  root: number,
  options: UnpackOptions,
): Promise<UnpackNotes> {
  const unpacker = new Unpacker(root, options);
  try {
    for await (const entry of entries) await unpacker.add(entry);
    unpacker.finish();
    return unpacker.notes;
  } finally {
    unpacker.close();
  }
}

class Unpacker {
  readonly notes = new UnpackNotes();
  readonly #options: UnpackOptions;
  readonly #tree: TreeWriter;
  readonly #metadata: MetadataWriter;
  /** Set at the end: making files changes a directory's times, and its mode may forbid it. */
  readonly #directories = new Map<string, Metadata>();

  constructor(root: number, options: UnpackOptions) {
    this.#options = options;
    this.#tree = new TreeWriter(options.gate, root, options.isShared);
    this.#metadata = new MetadataWriter(options.gate, options.keepOwners, this.notes);
  }

  async add(entry: TarEntry): Promise<void> {
    const path = pathInside(entry.name);
    try {
      if (entry.type === 'directory') this.#addDirectory(path, entry);
      else if (path === '') throw new TarError('its root is not a directory');
      else if (!this.#options.isShared && nameOf(path).startsWith('.wh.')) this.notes.add('whiteouts');
      else await this.#addFile(path, entry);
    } catch (error) {
      throw aboutEntry(entry, error);
    }
  }

  finish(): void {
    // Children before parents: a parent may become one that cannot be searched.
    const deepestFirst = [...this.#directories].sort(([a], [b]) => b.length - a.length);
    for (const [path, entry] of deepestFirst) {
      const fd = this.#tree.open(path, O_RDONLY | oDirectory(this.#options.gate.arch));
      try {
        this.#metadata.setOpen(fd, entry);
      } finally {
        closeSync(fd);
      }
    }
  }

  close(): void {
    this.#tree.close();
  }

  #addDirectory(path: string, entry: Metadata): void {
    if (path !== '') this.#tree.makeDirectory(path);
    this.#directories.set(path, entry);
  }

  async #addFile(path: string, entry: TarEntry): Promise<void> {
    this.#directories.delete(path);
    if (entry.type === 'file') await this.#addRegular(path, entry);
    else if (entry.type === 'hardlink') this.#addHardLink(path, entry);
    else if (entry.type === 'symlink') this.#addSymlink(path, entry);
    else this.#addNode(path, entry);
  }

  async #addRegular(path: string, entry: TarEntry): Promise<void> {
    const fd = this.#tree.createFile(path);
    try {
      await writeContent(fd, entry);
      this.#metadata.setOpen(fd, entry);
    } finally {
      closeSync(fd);
    }
  }

  #addHardLink(path: string, entry: TarEntry): void {
    const target = pathInside(entry.linkName);
    if (target === path) return;
    try {
      const source = this.#tree.open(directoryOf(target), O_PATH);
      try {
        const place = this.#tree.free(path);
        this.#options.gate.call('linkat', source, bytes(nameOf(target)), place.parent, place.name, 0);
      } finally {
        closeSync(source);
      }
    } catch (error) {
      if (!hasCode(error, 'ENOENT', 'EPERM')) throw error;
      throw new TarError(`it has a hard link to ${readable(target)}, which is not a file before it in the archive`);
    }
  }

  #addSymlink(path: string, entry: TarEntry): void {
    const place = this.#tree.free(path);
    this.#options.gate.call('symlinkat', bytes(entry.linkName), place.parent, place.name);
    this.#metadata.setAt(place, entry, 'link');
  }

  #addNode(path: string, entry: TarEntry): void {
    const left = this.#leftOut(entry);
    if (left) {
      this.notes.add(left);
      return;
    }
    const place = this.#tree.free(path);
    const kind = entry.type === 'fifo' ? S_IFIFO : entry.type === 'block' ? S_IFBLK : S_IFCHR;
    const device = entry.type === 'fifo' ? 0 : deviceNumber(entry.major, entry.minor);
    this.#options.gate.call('mknodat', place.parent, place.name, kind | 0o600, device);
    this.#metadata.setAt(place, entry, 'node');
  }

  /** Device 0:0 is a whiteout of overlayfs. Without root there are no devices, as with podman. */
  #leftOut({ type, major, minor }: TarEntry): 'devices' | 'whiteouts' | undefined {
    if (type === 'fifo') return undefined;
    if (!this.#options.keepOwners) return 'devices';
    return type === 'character' && major === 0 && minor === 0 ? 'whiteouts' : undefined;
  }
}

/** A member's path, relative to the root of the tree. @throws TarError for one that leads out of it */
export function pathInside(name: string): string {
  const names = name.split('/').filter((part) => part !== '' && part !== '.');
  if (names.includes('..') || name.includes('\0')) {
    throw new TarError(`the name ${JSON.stringify(readable(name))} leads out of the archive`);
  }
  return names.join('/');
}

function aboutEntry(entry: TarEntry, error: unknown): unknown {
  const why = error instanceof SyscallError ? ARCHIVE_ERRORS[error.code] : undefined;
  return why === undefined ? error : new TarError(`${readable(entry.name)} cannot be unpacked: ${why}`);
}

/** The pieces where they belong; a sparse file keeps its holes. */
async function writeContent(fd: number, { body, segments, size }: TarEntry): Promise<void> {
  const places = segments?.filter(({ length }) => length > 0).values();
  let place = places?.next().value ?? { offset: 0, length: size };
  for await (const piece of body) {
    for (let rest = piece; rest.length > 0; ) {
      if (place.length === 0) place = places?.next().value ?? place;
      const written = writeSync(fd, rest, 0, Math.min(rest.length, place.length), place.offset);
      place = { offset: place.offset + written, length: place.length - written };
      rest = rest.subarray(written);
    }
  }
  if (segments) ftruncateSync(fd, size);
}
