import { basename, dirname } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { type DirectoryEntry, DT_DIR, readDirectory } from '../kernel/directory.js';
import { hasCode, SyscallError } from '../kernel/error.js';
import {
  O_CLOEXEC,
  O_RDONLY,
  oDirectory,
  oNofollow,
  openHow,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
} from '../kernel/fcntl.js';
import type { Gate } from '../kernel/gate.js';
import { AT_FDCWD } from '../kernel/mount.js';

const AT_REMOVEDIR = 0x200;
/** Directories that are held open at once; what lies deeper is moved up first. */
const MAX_DEPTH = 32;
const SLICE_MS = 10;
const ENOENT = 2;
const EEXIST = 17;
const EISDIR = 21;
const ENOTEMPTY = 39;
/** How often a directory is read again that has got a further entry, half a second together. */
const REFILLS = 100;
const REFILL_PAUSE_MS = 5;

interface Level {
  readonly fd: number;
  readonly name: Buffer;
  readonly entries: DirectoryEntry[];
  refills: number;
}

/**
 * Removes a directory and everything below it; what is not there is success. Unlike `fs.rm` it
 * - takes names that are not UTF-8, and trees deeper than PATH_MAX, which a container can make;
 * - opens directories that their owner may not enter, such as overlay's `work/work` of mode 000;
 * - follows no link and enters no mount: a mount that was left behind is an error (EXDEV), and what
 *   it shows stays.
 * Whoever is still at work in the tree is waited for: a container's first process whose engine was killed makes
 * its mount points, and notices only before it would become the command. Yields to the event loop every few
 * milliseconds.
 */
export async function removeTree(path: string, gate: Gate): Promise<void> {
  let parent: number;
  try {
    parent = gate.call('openat', AT_FDCWD, dirname(path), O_RDONLY | O_CLOEXEC | oDirectory(gate.arch), 0);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return;
    throw error;
  }
  try {
    await new TreeRemover(gate).remove(parent, Buffer.from(`${basename(path)}\0`));
  } finally {
    gate.call('close', parent);
  }
}

class TreeRemover {
  readonly #stack: Level[] = [];
  /** A removal that was cut short may have left names of an earlier run. */
  readonly #prefix = `.removed-${Date.now().toString(36)}-${process.pid}`;
  #moved = 0;
  #sliceEnd = 0;

  constructor(readonly gate: Gate) {}

  async remove(parent: number, name: Buffer): Promise<void> {
    this.#sliceEnd = monotonicMs() + SLICE_MS;
    if (this.#unlink(parent, name)) return;
    this.#enter(parent, name);
    try {
      for (let level = this.#stack.at(-1); level; level = this.#stack.at(-1)) {
        const entry = level.entries.pop();
        if (entry) this.#removeEntry(level.fd, entry);
        else if (!this.#leave(level, parent)) await this.#refill(level);
        if (monotonicMs() > this.#sliceEnd) await this.#yield();
      }
    } finally {
      for (const { fd } of this.#stack) this.gate.call('close', fd);
    }
  }

  #removeEntry(directory: number, { name, type }: DirectoryEntry): void {
    if (type !== DT_DIR && this.#unlink(directory, name)) return;
    if (this.#stack.length < MAX_DEPTH) this.#enter(directory, name);
    else this.#moveUp(directory, name);
  }

  /** True when it is gone, false when it is a directory. */
  #unlink(directory: number, name: Buffer): boolean {
    const result = this.gate.attempt('unlinkat', directory, name, 0);
    if (result === -EISDIR) return false;
    if (result < 0 && result !== -ENOENT)
      throw new SyscallError('unlinkat', -result, '', name.toString('utf8', 0, name.length - 1));
    return true;
  }

  #enter(directory: number, name: Buffer): void {
    let fd: number;
    try {
      fd = this.#open(directory, name);
    } catch (error) {
      // Somebody else removes it too: the undoing of an engine that was killed, or its child's own mounts.
      if (hasCode(error, 'ENOENT')) return;
      if (!hasCode(error, 'EACCES')) throw error;
      this.gate.call('fchmodat', directory, name, 0o700);
      fd = this.#open(directory, name);
    }
    try {
      if (process.geteuid?.() !== 0) this.gate.call('fchmod', fd, 0o700);
      this.#stack.push({ fd, name, entries: readDirectory(this.gate, fd), refills: 0 });
    } catch (error) {
      this.gate.call('close', fd);
      throw error;
    }
  }

  #open(directory: number, name: Buffer): number {
    const flags = O_RDONLY | O_CLOEXEC | oDirectory(this.gate.arch) | oNofollow(this.gate.arch);
    const how = openHow(flags, RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS);
    return this.gate.call('openat2', directory, name, how, how.length);
  }

  /** False when somebody has put something into it since it was read. */
  #leave(level: Level, parent: number): boolean {
    const above = this.#stack.at(-2)?.fd ?? parent;
    const result = this.gate.attempt('unlinkat', above, level.name, AT_REMOVEDIR);
    if ((result === -ENOTEMPTY || result === -EEXIST) && level.refills < REFILLS) return false;
    this.#stack.pop();
    this.gate.call('close', level.fd);
    if (result < 0)
      throw new SyscallError('unlinkat', -result, '', level.name.toString('utf8', 0, level.name.length - 1));
    return true;
  }

  async #refill(level: Level): Promise<void> {
    level.refills++;
    await sleep(REFILL_PAUSE_MS);
    this.gate.call('lseek', level.fd, 0, 0);
    level.entries.push(...readDirectory(this.gate, level.fd));
  }

  /** Gives a directory a place at the top, where its turn comes later. */
  #moveUp(directory: number, name: Buffer): void {
    const top = this.#stack[0] as Level;
    const place = Buffer.from(`${this.#prefix}-${this.#moved++}\0`);
    this.gate.call('renameat2', directory, name, top.fd, place, 0);
    top.entries.push({ name: place, type: 0 });
  }

  async #yield(): Promise<void> {
    await setImmediate();
    this.#sliceEnd = monotonicMs() + SLICE_MS;
  }
}

/** `performance` would load a module of Node's that nothing else here needs. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
