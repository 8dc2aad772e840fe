import { S_IFLNK, S_IFMT } from '../fcntl.js';
import type { Gate } from '../gate.js';
import type { Host } from '../host.js';
import { AT_SYMLINK_NOFOLLOW } from '../mount.js';
import type { FileStatus } from '../statx.js';
import type { Name } from './names.js';
import { Xattrs } from './xattrs.js';

/** A file in a directory. */
export interface Place {
  readonly directory: number;
  readonly name: Name;
}

/**
 * Gives a copy the attributes of its source. The order matters: chown(2) clears set-user-id bits and
 * file capabilities, an ordinary user can add attributes only to a file that is still writable
 * (xattr(7)), and everything changes the times.
 */
export class Attributes {
  readonly xattrs: Xattrs;

  constructor(
    readonly gate: Gate,
    readonly host: Host,
  ) {
    this.xattrs = new Xattrs(gate, host.privileged);
  }

  /** @param born with its mode: see {@link BirthModes} */
  copyToFd(from: number, to: number, status: FileStatus, born = false): void {
    const owner = this.#owner(status);
    if (owner) this.gate.call('fchown', to, ...owner);
    const copied = this.xattrs.copy(from, to);
    // An access control list is a mode too.
    if (!born || copied > 0) this.gate.call('fchmod', to, status.mode & 0o7777);
    this.gate.call('utimensat', to, null, status.times, 0);
  }

  /** For what cannot be opened: links, devices, pipes. */
  copyToPlace(from: Place, to: Place, status: FileStatus): void {
    const owner = this.#owner(status);
    if (owner) this.gate.call('fchownat', to.directory, to.name, ...owner, AT_SYMLINK_NOFOLLOW);
    // Links have no mode; the copy was made a moment ago where nobody else writes.
    if ((status.mode & S_IFMT) !== S_IFLNK) this.gate.call('fchmodat', to.directory, to.name, status.mode & 0o7777);
    this.xattrs.copy(descriptorPath(from), descriptorPath(to));
    this.gate.call('utimensat', to.directory, to.name, status.times, AT_SYMLINK_NOFOLLOW);
  }

  /** Undefined where a new file has it already, and for an ordinary user, who cannot give files away. */
  /** Whether a new file would be its user's and group's already. */
  isOwn({ uid, gid }: FileStatus): boolean {
    const { host } = this;
    return uid === host.uid && gid === host.gid;
  }

  #owner(status: FileStatus): [number, number] | undefined {
    if (!this.host.privileged || this.isOwn(status)) return undefined;
    return [status.uid, status.gid];
  }
}

/** There are no xattr calls with a directory descriptor before Linux 6.13. */
export function descriptorPath({ directory, name }: Place): Name {
  return Buffer.from(`/proc/self/fd/${directory}/${name.toString('latin1')}`, 'latin1');
}
