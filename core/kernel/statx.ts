import { hasCode } from './error.js';
import type { Gate } from './gate.js';
import { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW } from './mount.js';

const STATX_BASIC_STATS = 0x7ff;
const STATX_SIZE = 256;

/** What statx(2) says of a file, in a form that is cheap to make. */
export interface FileStatus {
  /** Type and permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly size: number;
  /** Bytes that the file system holds for it; less than `size` in a sparse file. */
  readonly allocated: number;
  /** Of a device node. */
  readonly rdevMajor: number;
  readonly rdevMinor: number;
  /** Of the file system that it is on. */
  readonly device: number;
  readonly inode: bigint;
  /** Two `struct timespec`, access and modification, as utimensat(2) takes them. */
  readonly times: Buffer;
}

/** Of a descriptor. @throws SyscallError */
export function statusOf(gate: Gate, fd: number): FileStatus {
  const bytes = Buffer.allocUnsafe(STATX_SIZE);
  gate.call('statx', fd, EMPTY, AT_EMPTY_PATH, STATX_BASIC_STATS, bytes);
  return parse(bytes);
}

/** Of a name in a directory; a link is not followed. `name` ends in NUL. @throws SyscallError */
export function statusAt(gate: Gate, directory: number, name: Uint8Array): FileStatus {
  const bytes = Buffer.allocUnsafe(STATX_SIZE);
  gate.call('statx', directory, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, bytes);
  return parse(bytes);
}

/** The same where it may have gone: undefined then. @throws SyscallError */
export function statusIfThere(gate: Gate, directory: number, name: Uint8Array): FileStatus | undefined {
  try {
    return statusAt(gate, directory, name);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

const EMPTY = Buffer.from('\0');

/**
 * The status of one open file after another, in one place: where thousands of files are looked at, memory for each
 * would cost more than the calls. It says what it read last.
 */
export class StatusPage implements FileStatus {
  readonly #bytes = Buffer.alloc(STATX_SIZE);
  readonly #words = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, STATX_SIZE / 4);
  /** The time of birth, between the two, gives way to that of the modification. */
  readonly times = this.#bytes.subarray(64, 96);

  /** @throws SyscallError */
  read(gate: Gate, fd: number): void {
    gate.call('statx', fd, EMPTY, AT_EMPTY_PATH, STATX_BASIC_STATS, this.#bytes);
    for (let word = 0; word < 4; word++) this.#words[20 + word] = this.#words[28 + word] as number;
  }

  get mode(): number {
    return (this.#words[7] as number) & 0xffff;
  }
  get uid(): number {
    return this.#words[5] as number;
  }
  get gid(): number {
    return this.#words[6] as number;
  }
  get links(): number {
    return this.#words[4] as number;
  }
  get size(): number {
    return (this.#words[10] as number) + (this.#words[11] as number) * 0x1_0000_0000;
  }
  get allocated(): number {
    return ((this.#words[12] as number) + (this.#words[13] as number) * 0x1_0000_0000) * 512;
  }
  get rdevMajor(): number {
    return this.#words[32] as number;
  }
  get rdevMinor(): number {
    return this.#words[33] as number;
  }
  get device(): number {
    return (this.#words[34] as number) * 0x1_0000_0000 + (this.#words[35] as number);
  }
  get inode(): bigint {
    return this.#bytes.readBigUInt64LE(32);
  }
}

/** `struct statx` of linux/stat.h. */
function parse(bytes: Buffer): FileStatus {
  return {
    mode: bytes.readUInt16LE(28),
    uid: bytes.readUInt32LE(20),
    gid: bytes.readUInt32LE(24),
    links: bytes.readUInt32LE(16),
    size: readNumber(bytes, 40),
    allocated: readNumber(bytes, 48) * 512,
    rdevMajor: bytes.readUInt32LE(128),
    rdevMinor: bytes.readUInt32LE(132),
    device: bytes.readUInt32LE(136) * 0x1_0000_0000 + bytes.readUInt32LE(140),
    inode: bytes.readBigUInt64LE(32),
    times: timespecs(bytes),
  };
}

function timespecs(bytes: Buffer): Buffer {
  const times = Buffer.alloc(32);
  bytes.copy(times, 0, 64, 76);
  bytes.copy(times, 16, 112, 124);
  return times;
}

/** Sizes stay below 2^53. */
function readNumber(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 0x1_0000_0000;
}
