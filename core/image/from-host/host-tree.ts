import { closeSync, fstatSync, lstatSync, openSync, readlinkSync, readSync, writeSync } from 'node:fs';
import { ERRNO } from '../../kernel/errno.js';
import { hasCode, SyscallError } from '../../kernel/error.js';
import type { Gate } from '../../kernel/gate.js';
import type { MetadataWriter } from '../unpack/entry-metadata.js';
import { byteString, type TreeWriter } from '../unpack/tree-writer.js';

const MAX_LINKS = 40;
const COPY_SIZE = 1 << 30;
/** Programs that lose this lose what they can do: capabilities(7). */
const KEPT_ATTRIBUTE = 'security.capability';

/** Copies files of the host to the same path of a tree, with every link on the way. */
export class HostTree {
  /** Regular files that were copied, and their bytes. */
  files = 0;
  bytes = 0;
  readonly #gate: Gate;
  readonly #tree: TreeWriter;
  readonly #metadata: MetadataWriter;
  readonly #done = new Set<string>();

  constructor(gate: Gate, tree: TreeWriter, metadata: MetadataWriter) {
    this.#gate = gate;
    this.#tree = tree;
    this.#metadata = metadata;
  }

  /** Walks a path as the kernel does, and makes in the tree what it meets. */
  add(path: string): void {
    const names = split(path);
    const at: string[] = [];
    for (let links = 0; names.length > 0; ) {
      const name = names.shift() as string;
      if (name === '..') {
        at.pop();
        continue;
      }
      const here = `/${[...at, name].join('/')}`;
      const stat = lstatSync(here);
      if (stat.isSymbolicLink()) {
        if (++links > MAX_LINKS) throw new SyscallError('open', ERRNO.ELOOP as number, path, path);
        const target = readlinkSync(here);
        this.#once(here, () => this.link(here, target));
        if (target.startsWith('/')) at.length = 0;
        names.unshift(...split(target));
      } else {
        at.push(name);
        if (stat.isFile()) this.#once(here, () => this.#copy(here));
      }
    }
  }

  link(path: string, target: string): void {
    const place = this.#tree.free(inside(path));
    this.#gate.call('symlinkat', target, place.parent, place.name);
  }

  /** A file of our own making. */
  write(path: string, content: string | Buffer): void {
    const fd = this.#tree.createFile(inside(path));
    try {
      const body = Buffer.from(content);
      for (let written = 0; written < body.length; ) written += writeSync(fd, body, written);
      this.#gate.call('fchmod', fd, 0o644);
      this.files++;
      this.bytes += body.length;
    } finally {
      closeSync(fd);
    }
  }

  directory(path: string, mode: number): void {
    this.#tree.makeDirectory(inside(path));
    const { parent, name } = this.#tree.place(inside(path));
    this.#gate.call('fchmodat', parent, name, mode);
  }

  #once(path: string, make: () => void): void {
    if (this.#done.has(path)) return;
    this.#done.add(path);
    make();
  }

  #copy(path: string): void {
    const source = openSync(path, 'r');
    const target = this.#tree.createFile(inside(path));
    try {
      const { uid, gid, mode } = fstatSync(source);
      const mtime = fstatSync(source, { bigint: true }).mtimeNs;
      this.bytes += this.#copyContent(source, target);
      this.files++;
      const attributes = this.#attributes(source);
      this.#metadata.setOpen(target, { name: byteString(path), uid, gid, mode: mode & 0o7777, mtime, attributes });
    } finally {
      closeSync(target);
      closeSync(source);
    }
  }

  /** copy_file_range(2) shares extents where the file system can; across some it does not work. */
  #copyContent(source: number, target: number): number {
    let total = 0;
    try {
      for (let copied = -1; copied !== 0; total += copied) {
        copied = this.#gate.call('copy_file_range', source, null, target, null, COPY_SIZE, 0);
      }
      if (total > 0) return total;
    } catch (error) {
      if (total > 0 || !hasCode(error, 'EXDEV', 'EINVAL', 'EOPNOTSUPP', 'ENOSYS', 'EPERM')) throw error;
    }
    const buffer = Buffer.alloc(1 << 20);
    for (let read = -1; read !== 0; total += read) {
      read = readSync(source, buffer);
      for (let written = 0; written < read; ) written += writeSync(target, buffer, written, read - written);
    }
    return total;
  }

  #attributes(fd: number): Map<string, Buffer> {
    const value = Buffer.alloc(64);
    try {
      const length = this.#gate.call('fgetxattr', fd, KEPT_ATTRIBUTE, value, value.length);
      return new Map([[KEPT_ATTRIBUTE, value.subarray(0, length)]]);
    } catch (error) {
      if (hasCode(error, 'ENODATA', 'EOPNOTSUPP')) return new Map();
      throw error;
    }
  }
}

function split(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function inside(path: string): string {
  return byteString(split(path).join('/'));
}
