import { chmodSync, closeSync } from 'node:fs';
import { hasCode } from '../../kernel/error.js';
import { O_CLOEXEC, O_PATH, oNofollow, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from '../../kernel/fcntl.js';
import type { Gate } from '../../kernel/gate.js';
import { AT_EMPTY_PATH } from '../../kernel/mount.js';
import { statusOf } from '../../kernel/statx.js';
import type { TarEntry } from '../tar/tar-entry.js';
import { TarError } from '../tar/tar-error.js';
import { bytes, type Place, readable } from './tree-writer.js';
import type { UnpackNotes } from './unpack-notes.js';

const MAX_ID = 2 ** 32 - 2;
const EMPTY = '';
const REPLACED = 'a file was put in the place of another one while it was made';
const SET_USER_ID = 0o4000;
const SET_GROUP_ID = 0o2000;

export type Metadata = Pick<TarEntry, 'name' | 'mode' | 'uid' | 'gid' | 'mtime' | 'attributes'>;

/**
 * Gives files what an archive says of them. The order matters: chown(2) clears set-user-id bits and
 * capabilities, and every change but the last one changes times.
 *
 * Without root all files belong to the caller, as rootless podman does it with one id. A set-id bit
 * that meant somebody else is dropped then: it would mean root in the container.
 */
export class MetadataWriter {
  readonly #gate: Gate;
  readonly #keepOwners: boolean;
  readonly #notes: UnpackNotes;

  constructor(gate: Gate, keepOwners: boolean, notes: UnpackNotes) {
    this.#gate = gate;
    this.#keepOwners = keepOwners;
    this.#notes = notes;
  }

  /** A regular file or a directory that is open for reading or writing. */
  setOpen(fd: number, entry: Metadata): void {
    if (this.#owners(entry)) this.#gate.call('fchown', fd, entry.uid, entry.gid);
    this.#gate.call('fchmod', fd, this.#mode(entry));
    for (const [name, value] of entry.attributes) this.#setAttribute(fd, name, value, entry);
    this.#gate.call('utimensat', fd, null, times(entry.mtime), 0);
  }

  /** A link, a fifo or a device. Pinned and looked at first: somebody may have put another file in its place. */
  setAt({ parent, name }: Place, entry: Metadata, kind: 'link' | 'node'): void {
    const pinned = this.#gate.call('openat', parent, name, O_PATH | O_CLOEXEC | oNofollow(this.#gate.arch), 0);
    try {
      const status = statusOf(this.#gate, pinned);
      const isLink = (status.mode & S_IFMT) === S_IFLNK;
      const isRegular = [S_IFREG, S_IFDIR].includes(status.mode & S_IFMT);
      if (isLink !== (kind === 'link') || isRegular || status.links !== 1) throw new TarError(REPLACED);
      if (this.#owners(entry)) this.#gate.call('fchownat', pinned, EMPTY, entry.uid, entry.gid, AT_EMPTY_PATH);
      if (kind === 'node') chmodSync(`/proc/self/fd/${pinned}`, this.#mode(entry));
      this.#gate.call('utimensat', pinned, EMPTY, times(entry.mtime), AT_EMPTY_PATH);
    } finally {
      closeSync(pinned);
    }
  }

  #owners({ name, uid, gid }: Metadata): boolean {
    for (const id of [uid, gid]) {
      if (!(id >= 0 && id <= MAX_ID)) throw new TarError(`${readable(name)} has the impossible owner ${id}`);
    }
    if (!this.#keepOwners && (uid !== 0 || gid !== 0)) this.#notes.add('owners');
    return this.#keepOwners;
  }

  #mode({ mode, uid, gid }: Metadata): number {
    if (this.#keepOwners) return mode;
    return mode & ~((uid === 0 ? 0 : SET_USER_ID) | (gid === 0 ? 0 : SET_GROUP_ID));
  }

  #setAttribute(fd: number, latin1: string, value: Buffer, entry: Metadata): void {
    const name = readable(latin1);
    if (/^(trusted|user)\.overlay\./.test(name)) {
      throw new TarError(`${readable(entry.name)} has the attribute ${name}, which would steer overlayfs`);
    }
    // Labels belong to the host's own policy.
    if (name.startsWith('security.') && name !== 'security.capability') return;
    try {
      this.#gate.call('fsetxattr', fd, bytes(latin1), value, value.length, 0);
    } catch (error) {
      if (!hasCode(error, 'EPERM', 'EOPNOTSUPP', 'EINVAL')) throw error;
      this.#notes.add('attributes');
    }
  }
}

/** `struct timespec[2]` of utimensat(2): access and modification. */
function times(nanoseconds: bigint): Uint8Array {
  const second = 1_000_000_000n;
  const rest = ((nanoseconds % second) + second) % second;
  const pair = Buffer.alloc(32);
  for (const offset of [0, 16]) {
    pair.writeBigInt64LE(BigInt.asIntN(64, (nanoseconds - rest) / second), offset);
    pair.writeBigInt64LE(rest, offset + 8);
  }
  return pair;
}
