import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT } from '../../kernel/fcntl.js';
import type { Gate } from '../../kernel/gate.js';
import { type FileStatus, statusIfThere } from '../../kernel/statx.js';
import { descriptorPath, type Name, type Place, type Xattrs } from '../../kernel/tree/index.js';

const PATH_MAX = 4096;
const MODIFICATION = 16;

/**
 * Whether a file is another one than that of the image: type, mode, owner, extended attributes; of a
 * device its number; of all but directories size and time, of links where they lead. As docker has it,
 * contents are not compared: a file of the same size and time is the same.
 */
export function isDifferent(gate: Gate, xattrs: Xattrs, base: Place, current: Place): boolean {
  const was = statusIfThere(gate, base.directory, base.name);
  const is = statusIfThere(gate, current.directory, current.name);
  if (!was || !is) return was !== is;
  return statusDiffers(was, is) || linkDiffers(gate, base, current, is) || xattrsDiffer(xattrs, base, current);
}

function statusDiffers(was: FileStatus, is: FileStatus): boolean {
  if (was.mode !== is.mode || was.uid !== is.uid || was.gid !== is.gid) return true;
  const type = is.mode & S_IFMT;
  // Its time and size change with what is in it, which is listed by itself.
  if (type === S_IFDIR) return false;
  if (type === S_IFCHR || type === S_IFBLK) {
    if (was.rdevMajor !== is.rdevMajor || was.rdevMinor !== is.rdevMinor) return true;
  }
  return was.size !== is.size || !isSameTime(was, is);
}

/** A copy on a file system without nanoseconds has none of them. */
function isSameTime(was: FileStatus, is: FileStatus): boolean {
  const [[seconds, part], [otherSeconds, otherPart]] = [modified(was), modified(is)];
  return seconds === otherSeconds && (part === otherPart || part === 0 || otherPart === 0);
}

function modified({ times }: FileStatus): [bigint, number] {
  return [times.readBigInt64LE(MODIFICATION), times.readUInt32LE(MODIFICATION + 8)];
}

function linkDiffers(gate: Gate, base: Place, current: Place, { mode }: FileStatus): boolean {
  if ((mode & S_IFMT) !== S_IFLNK) return false;
  return !readLink(gate, base.directory, base.name).equals(readLink(gate, current.directory, current.name));
}

/** Where a link leads, without a NUL. An empty name means that the descriptor is the link. */
export function readLink(gate: Gate, directory: number, name: Name): Buffer {
  const text = Buffer.alloc(PATH_MAX);
  return text.subarray(0, gate.call('readlinkat', directory, name, text, PATH_MAX));
}

function xattrsDiffer(xattrs: Xattrs, base: Place, current: Place): boolean {
  const [was, is] = [xattrs.read(descriptorPath(base)), xattrs.read(descriptorPath(current))];
  if (was.size !== is.size) return true;
  return [...was].some(([name, value]) => !is.get(name)?.equals(value));
}
