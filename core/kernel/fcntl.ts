import type { Gate } from './gate.js';

/**
 * Constants of open(2) and openat2(2). O_DIRECTORY and O_NOFOLLOW differ between the architectures
 * (asm-generic is overridden on arm64), so they are looked up.
 */
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0x40;
export const O_EXCL = 0x80;
export const O_NOCTTY = 0x100;
export const O_TRUNC = 0x200;
export const O_NONBLOCK = 0x800;
export const O_CLOEXEC = 0x80000;
export const O_PATH = 0x200000;
/** Of fcntl(2). */
export const F_GETFL = 3;
export const F_SETFL = 4;

export const oDirectory = (arch: Gate['arch']): number => (arch === 'arm64' ? 0x4000 : 0x10000);
export const oNofollow = (arch: Gate['arch']): number => (arch === 'arm64' ? 0x8000 : 0x20000);

export const RESOLVE_NO_XDEV = 0x01;
export const RESOLVE_NO_MAGICLINKS = 0x02;
export const RESOLVE_NO_SYMLINKS = 0x04;
export const RESOLVE_BENEATH = 0x08;
export const RESOLVE_IN_ROOT = 0x10;

export const S_IFMT = 0o170000;
export const S_IFSOCK = 0o140000;
export const S_IFLNK = 0o120000;
export const S_IFREG = 0o100000;
export const S_IFBLK = 0o060000;
export const S_IFDIR = 0o040000;
export const S_IFCHR = 0o020000;
export const S_IFIFO = 0o010000;

/** `struct open_how` of openat2(2): flags, mode, resolve, each 64 bits. */
export function openHow(flags: number, resolve: number, mode = 0): Uint8Array {
  const how = Buffer.alloc(24);
  how.writeBigUInt64LE(BigInt(flags), 0);
  how.writeBigUInt64LE(BigInt(mode), 8);
  how.writeBigUInt64LE(BigInt(resolve), 16);
  return how;
}

/** makedev(3) as mknod(2) takes it: the low 32 bits of Linux's encoding. */
export function deviceNumber(major: number, minor: number): number {
  return (minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xff) << 12);
}
