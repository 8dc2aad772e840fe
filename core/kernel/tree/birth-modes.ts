import { readFileSync } from 'node:fs';
import { hasCode } from '../error.js';
import type { Gate } from '../gate.js';
import type { FileStatus } from '../statx.js';
import type { Attributes } from './attributes.js';

/** Of a copy that gets its mode when everything else is in place. */
const CLOSED = 0o600;
const PERMISSIONS = 0o777;
const DEFAULT_LIST = 'system.posix_acl_default';

/** With which mode a copy is made. Each change of it is one more change of the inode that is written to the disk. */
export class BirthModes {
  /** Bits that a new file would not get; undefined where a copy cannot have its mode from the beginning. */
  #masked: number | undefined;

  /** @param target an open directory; those that are made below it have what it has */
  constructor(
    gate: Gate,
    readonly attributes: Attributes,
    target: number,
  ) {
    // An ordinary user can add attributes only to a file that is still writable: xattr(7).
    const plain = attributes.host.privileged && !hasDefaultList(gate, target);
    this.#masked = plain ? umask() : undefined;
  }

  /** To be called when others have had their turn: the mask is the whole process's. */
  refresh(): void {
    if (this.#masked !== undefined) this.#masked = umask();
  }

  /** The mode to make it with: its own where nothing stands against it. chown(2) comes before set-user-id bits. */
  of(status: FileStatus): number {
    const mode = status.mode & 0o7777;
    if (this.#masked === undefined || mode & this.#masked || mode > PERMISSIONS) return CLOSED;
    return this.attributes.isOwn(status) ? mode : CLOSED;
  }
}

/** process.umask() would set it and set it back: proc(5), status. */
function umask(): number | undefined {
  const text = /^Umask:\s*([0-7]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return text === undefined ? undefined : Number.parseInt(text, 8);
}

function hasDefaultList(gate: Gate, directory: number): boolean {
  try {
    return gate.call('fgetxattr', directory, DEFAULT_LIST, null, 0) > 0;
  } catch (error) {
    return !hasCode(error, 'ENODATA', 'EOPNOTSUPP');
  }
}
