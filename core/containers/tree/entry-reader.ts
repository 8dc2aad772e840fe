import { closeSync, openSync } from 'node:fs';
import type { TarEntry, TarEntryType } from '../../image/tar/tar-entry.js';
import { readable } from '../../image/unpack/tree-writer.js';
import { hasCode } from '../../kernel/error.js';
import {
  O_CLOEXEC,
  O_PATH,
  oNofollow,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
} from '../../kernel/fcntl.js';
import type { Gate } from '../../kernel/gate.js';
import { type FileStatus, statusOf } from '../../kernel/statx.js';
import { descriptorPath, EMPTY, type Place, Xattrs } from '../../kernel/tree/index.js';
import type { Owner } from '../ids.js';
import { readLink } from './difference.js';
import { dataSegments, readData } from './file-body.js';

const TYPES = new Map<number, TarEntryType>([
  [S_IFREG, 'file'],
  [S_IFLNK, 'symlink'],
  [S_IFCHR, 'character'],
  [S_IFBLK, 'block'],
  [S_IFDIR, 'directory'],
  [S_IFIFO, 'fifo'],
]);
const MODIFICATION = 16;

export interface EntryReaderOptions {
  /** As what the owner of a file is told. */
  readonly owner: (owner: Owner) => Owner;
  /** Is told of each socket. */
  readonly onSkipped?: (path: string) => void;
}

/** Reads files as entries of an archive. Each is pinned before it is looked at; no link is followed, no pipe waited for. */
export class EntryReader {
  readonly #xattrs: Xattrs;
  /** The first name of a file with several, by layer, device and inode. */
  readonly #links = new Map<string, string>();

  constructor(
    readonly gate: Gate,
    readonly options: EntryReaderOptions,
  ) {
    this.#xattrs = new Xattrs(gate, true);
  }

  /**
   * The entry of a file; undefined for one that has gone, and for a socket, which no archive can hold. What it
   * keeps open is closed when the next entry is asked for.
   * @param name of the entry, latin1
   * @param layer tells inodes of several file systems apart
   */
  async *read(place: Place, name: string, layer: number): AsyncGenerator<TarEntry> {
    const pinned = this.#pin(place);
    if (pinned === undefined) return;
    let file: number | undefined;
    try {
      const status = statusOf(this.gate, pinned);
      const type = TYPES.get(status.mode & S_IFMT);
      if (!type) return this.options.onSkipped?.(readable(name));
      const first = this.#firstName(status, layer, name);
      // By the pinned inode: whatever has its name by now, this is the file that was looked at.
      if (type === 'file' && first === undefined) file = openSync(`/proc/self/fd/${pinned}`, 'r');
      yield this.#entry({ place, pinned, name, status, type, first }, file);
    } finally {
      if (file !== undefined) closeSync(file);
      closeSync(pinned);
    }
  }

  /** The entry of a directory that is open. */
  readDirectory(directory: number, name: string): TarEntry {
    const status = statusOf(this.gate, directory);
    const found = { place: directory, pinned: directory, name, status, type: 'directory', first: undefined } as const;
    return this.#entry(found, undefined);
  }

  #pin({ directory, name }: Place): number | undefined {
    try {
      return this.gate.call('openat', directory, name, O_PATH | O_CLOEXEC | oNofollow(this.gate.arch), 0);
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    }
  }

  #entry(found: Found, file: number | undefined): TarEntry {
    const { place, pinned, name, status, first } = found;
    const type = first === undefined ? found.type : 'hardlink';
    const segments = file === undefined ? undefined : dataSegments(this.gate, file, status);
    const size = file === undefined ? 0 : status.size;
    return {
      type,
      name: type === 'directory' ? `${name}/` : name,
      linkName: first ?? (type === 'symlink' ? readLink(this.gate, pinned, EMPTY).toString('latin1') : ''),
      mode: status.mode & 0o7777,
      ...this.options.owner(status),
      size,
      mtime: status.times.readBigInt64LE(MODIFICATION) * 1_000_000_000n + BigInt(status.times.readUInt32LE(24)),
      major: status.rdevMajor,
      minor: status.rdevMinor,
      attributes: type === 'hardlink' ? new Map() : this.#attributes(place),
      ...(segments && { segments }),
      body: readData(file ?? -1, segments ?? [{ offset: 0, length: size }]),
    };
  }

  /** Labels belong to the host's own policy; file capabilities to the file. */
  #attributes(place: Place | number): Map<string, Buffer> {
    const all = this.#xattrs.read(typeof place === 'number' ? place : descriptorPath(place));
    for (const name of all.keys()) {
      if (name.startsWith('security.') && name !== 'security.capability') all.delete(name);
    }
    return all;
  }

  #firstName({ mode, links, device, inode }: FileStatus, layer: number, name: string): string | undefined {
    if (links < 2 || (mode & S_IFMT) === S_IFDIR) return undefined;
    const key = `${layer}:${device}:${inode}`;
    const first = this.#links.get(key);
    if (first === undefined) this.#links.set(key, name);
    return first;
  }
}

interface Found {
  /** Where it is, or a descriptor that is open for reading. */
  readonly place: Place | number;
  /** It, opened for its path only. */
  readonly pinned: number;
  readonly name: string;
  readonly status: FileStatus;
  readonly type: TarEntryType;
  readonly first: string | undefined;
}
