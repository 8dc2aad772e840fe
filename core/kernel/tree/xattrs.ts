import { hasCode } from '../error.js';
import type { Gate } from '../gate.js';
import { keyOf, type Name, textOf } from './names.js';

/** XATTR_LIST_MAX and XATTR_SIZE_MAX of linux/limits.h. */
const MAX = 65536;
const NONE: readonly Name[] = [];

/** What an extended attribute is on: a descriptor, or a path whose last component is not followed. */
export type XattrPlace = number | Name;

/** Copies extended attributes, access control lists and file capabilities among them: xattr(7). */
export class Xattrs {
  readonly #list = Buffer.alloc(MAX);
  readonly #value = Buffer.alloc(MAX);
  /** How many could not be kept, by reason. */
  readonly lost = new Map<string, number>();

  constructor(
    readonly gate: Gate,
    readonly privileged: boolean,
  ) {}

  /** @returns how many there were to copy */
  copy(from: XattrPlace, to: XattrPlace): number {
    const all = this.#names(from);
    if (all.length === 0) return 0;
    const names = all.filter((name) => !isOverlayMark(name));
    for (const name of names) this.#copyOne(from, to, name);
    return names.length;
  }

  /** Whether one is there with this value. */
  has(place: number, name: string, value: string): boolean {
    try {
      const length = this.gate.call('fgetxattr', place, name, this.#value, MAX);
      return this.#value.toString('latin1', 0, length) === value;
    } catch (error) {
      if (hasCode(error, 'ENODATA', 'EOPNOTSUPP', 'ERANGE')) return false;
      throw error;
    }
  }

  /** All of them but overlay's marks, by name; names are bytes, as latin1. */
  read(place: XattrPlace): Map<string, Buffer> {
    const found = new Map<string, Buffer>();
    for (const name of this.#names(place)) {
      const value = isOverlayMark(name) ? undefined : this.#get(place, name);
      if (value) found.set(keyOf(name), value);
    }
    return found;
  }

  #names(place: XattrPlace): readonly Name[] {
    const call = typeof place === 'number' ? 'flistxattr' : 'llistxattr';
    let length: number;
    try {
      length = this.gate.call(call, place, this.#list, MAX);
    } catch (error) {
      if (hasCode(error, 'EOPNOTSUPP')) return [];
      throw error;
    }
    return length === 0 ? NONE : split(Buffer.from(this.#list.subarray(0, length)));
  }

  #get(place: XattrPlace, name: Name): Buffer | undefined {
    const call = typeof place === 'number' ? 'fgetxattr' : 'lgetxattr';
    const length = this.gate.attempt(call, place, name, this.#value, MAX);
    // Gone meanwhile, or not for this caller to read.
    return length < 0 ? undefined : Buffer.from(this.#value.subarray(0, length));
  }

  #copyOne(from: XattrPlace, to: XattrPlace, name: Name): void {
    const get = typeof from === 'number' ? 'fgetxattr' : 'lgetxattr';
    const set = typeof to === 'number' ? 'fsetxattr' : 'lsetxattr';
    try {
      const length = this.gate.call(get, from, name, this.#value, MAX);
      this.gate.call(set, to, name, this.#value, length, 0);
    } catch (error) {
      // Gone meanwhile.
      if (hasCode(error, 'ENODATA')) return;
      // Only root may write security.* and trusted.*: an ordinary user's copy is without them.
      const refused = !this.privileged && hasCode(error, 'EPERM', 'EACCES');
      if (!refused && !hasCode(error, 'EOPNOTSUPP')) throw error;
      const namespace = textOf(name).split('.')[0] ?? '';
      this.lost.set(namespace, (this.lost.get(namespace) ?? 0) + 1);
    }
  }
}

/** Marks of overlay mean something only in the layer that overlay wrote: whiteouts, opaque directories. */
function isOverlayMark(name: Name): boolean {
  const text = textOf(name);
  return text.startsWith('trusted.overlay.') || text.startsWith('user.overlay.');
}

function split(list: Buffer): Name[] {
  const names: Name[] = [];
  for (let at = 0; at < list.length; ) {
    const end = list.indexOf(0, at) + 1;
    names.push(list.subarray(at, end));
    at = end;
  }
  return names;
}
