import { closeSync, writeSync } from 'node:fs';
import { hasCode, SyscallError } from '../../kernel/error.js';
import { deviceNumber, O_PATH, O_RDONLY, oDirectory, S_IFBLK, S_IFCHR, S_IFIFO } from '../../kernel/fcntl.js';
import type { Gate } from '../../kernel/gate.js';
import { type Metadata, MetadataWriter } from './entry-metadata.js';
import type { TarEntry } from '../tar/tar-reader.js';
import { TarError } from '../tar/tar-error.js';
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
}

/**
 * Unpacks the entries of an archive below an open, empty directory that nobody else writes to.
 * @returns what was left out
 * @throws TarError about the archive, SyscallError about this machine
 */
export async function unpackTar(entries: AsyncIterable<TarEntry>, root: number, options: UnpackOptions): Promise<UnpackNotes> {
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
    this.#tree = new TreeWriter(options.gate, root);
    this.#metadata = new MetadataWriter(options.gate, options.keepOwners, this.notes);
  }

  async add(entry: TarEntry): Promise<void> {
    const path = pathInside(entry.name);
    try {
      if (entry.type === 'directory') this.#addDirectory(path, entry);
      else if (path === '') throw new TarError('its root is not a directory');
      else if (nameOf(path).startsWith('.wh.')) this.notes.add('whiteouts');
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
      for await (const piece of entry.body) writeAll(fd, piece);
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
    if (entry.type !== 'fifo' && !this.#options.keepOwners) return this.notes.add('devices');
    // Device 0:0 is a whiteout of overlayfs.
    if (entry.type === 'character' && entry.major === 0 && entry.minor === 0) return this.notes.add('whiteouts');
    const place = this.#tree.free(path);
    const kind = entry.type === 'fifo' ? S_IFIFO : entry.type === 'block' ? S_IFBLK : S_IFCHR;
    const device = entry.type === 'fifo' ? 0 : deviceNumber(entry.major, entry.minor);
    this.#options.gate.call('mknodat', place.parent, place.name, kind | 0o600, device);
    this.#metadata.setAt(place, entry, 'node');
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

function writeAll(fd: number, piece: Buffer): void {
  for (let written = 0; written < piece.length; ) written += writeSync(fd, piece, written);
}
